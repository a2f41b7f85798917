// Who failed, and what is said of each, in a notice without machine-readable parts (or with poor ones).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/address_scan.h"
#include "bounce/heading.h"
#include "bounce/notice.h"

namespace todoku::bounce {

/// What the words say of one recipient.
struct Passage {
  std::string address;  // may be a bare name where the notice has no more
  std::string own;      // the lines that belong to this address alone; may be empty
  std::string after;    // what follows the address or the list it stands in, up to the next one
  bool sure = true;     // the notice names it as one that failed; else it is likely, but may be somebody else's
};

/// In the notice's order; at most `limit`. Where the words name nobody: none.
[[nodiscard]] std::vector<Passage> find_passages(const Notice& notice, std::size_t limit = 1000);

/// Where the words of a notice, which outlives it, name which address: looked through once for all recipients.
class NamedLines {
 public:
  explicit NamedLines(const Notice& notice);

  /// The lines that speak of that address, where its passage says nothing.
  [[nodiscard]] std::string naming(std::string_view address) const;
  /// The line that names the address first, with the one before and the one behind it.
  [[nodiscard]] std::string around(std::string_view address) const;

 private:
  [[nodiscard]] std::span<const FoundAddress> of(std::string_view address) const;

  std::string_view words_;
  std::vector<TextLine> lines_;
  std::vector<FoundAddress> found_;  // by address in lower case, then by place
};

/// A text without the sentences that are in every such notice.
[[nodiscard]] std::string without_filler(std::string_view text);

}  // namespace todoku::bounce
