// Which header fields a signature covers.
//
// What a reader sees or a mail program acts upon is signed; what is added or changed on the way (Received, Return-Path)
// or must not be there (Bcc) is not. The fields that would deceive a reader if somebody added a second one are named
// once more than they occur (RFC 6376 section 8.15), so that adding one breaks the signature, even where the mail has
// none.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_header.h"

namespace todoku::authentication {

/// Chosen anew only where the names of the fields are others than those of the last mail.
class SignedHeaders {
 public:
  void choose(const std::vector<HeaderField>& fields);

  /// h=, in lines of at most 78 characters that begin with a blank but for the first, which begins with "h=".
  [[nodiscard]] const std::string& tag() const { return tag_; }
  /// Fields to be hashed, in h='s order; what is named beyond them adds nothing to the hash.
  [[nodiscard]] const std::vector<std::uint16_t>& order() const { return order_; }
  [[nodiscard]] bool has_from() const { return has_from_; }

 private:
  void write_tag();

  std::vector<std::int8_t> kinds_;  // for each field its place in the table, -1: not to be signed
  std::vector<std::int8_t> found_;
  std::vector<std::uint16_t> order_;
  std::string tag_;
  bool has_from_ = false;
};

}  // namespace todoku::authentication
