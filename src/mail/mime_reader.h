// A mail as it came, for reading only: the tree of its parts as views into the bytes, nothing decoded until asked for.
//
// Made for hostile and broken mail: boundaries that are missing, never closed or declared wrong, headers with raw 8-bit
// bytes or junk lines, any line ends (LF, CRLF, lone CR), NULs, parts nested thousands deep. Never fails and never
// throws (but for memory); one pass, linear in the bytes; past a limit the rest stays one undivided part and limited()
// says so. Composing, and changing of mails, is another matter: mail/message.h. (RFC 5322, 2045, 2046, 2047, 2231)
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime_reader_header.h"

namespace todoku::mail {

struct MimeLimits {
  std::size_t depth = 12;     // of nesting, multiparts and attached mails together
  std::size_t parts = 256;    // in all
  std::size_t fields = 2000;  // header fields in all
};

struct MimePart {
  int parent = -1;  // index in parts(); -1: the mail itself
  int depth = 0;
  std::uint32_t first_field = 0;
  std::uint32_t field_count = 0;
  std::string_view body;  // as it stands, undecoded; of a multipart: all of its parts with preamble and epilogue
  std::string_view type;  // "text", as written, never empty
  std::string_view subtype;
  bool has_children = false;

  [[nodiscard]] bool is(std::string_view wanted_type, std::string_view wanted_subtype) const;
};

class MimeReader {
 public:
  /// Views point into `mail`, which has to outlive the reader.
  explicit MimeReader(std::string_view mail, const MimeLimits& limits = {});
  MimeReader(const MimeReader&) = delete;
  MimeReader& operator=(const MimeReader&) = delete;

  /// Depth first, in the mail's order; [0] is the mail itself, so there is always one.
  [[nodiscard]] std::span<const MimePart> parts() const { return parts_; }
  [[nodiscard]] const MimePart& top() const { return parts_.front(); }
  [[nodiscard]] std::span<const RawField> fields(const MimePart& part) const {
    return std::span(fields_).subspan(part.first_field, part.field_count);
  }
  /// The first field of that name as it stands (folded, encoded); empty where there is none.
  [[nodiscard]] std::string_view field(const MimePart& part, std::string_view name) const {
    return find_field(fields(part), name);
  }
  [[nodiscard]] bool limited() const { return limited_; }
  /// The mail is a multipart that is not laid out as it declares or never ends: cut off or damaged on its way.
  [[nodiscard]] bool torn() const { return torn_; }

  /// The part's text without its transfer encoding, as UTF-8 with '\n' line ends and no NUL; at most about `limit`
  /// bytes of it.
  [[nodiscard]] std::string text(const MimePart& part, std::size_t limit = 256 * 1024) const;
  /// The part's bytes without their transfer encoding; at most about `limit` of them.
  [[nodiscard]] std::string bytes(const MimePart& part, std::size_t limit) const;

 private:
  [[nodiscard]] std::string charset_of_header() const;

  friend class MimeTreeBuilder;
  std::vector<MimePart> parts_;
  std::vector<RawField> fields_;
  std::string unified_;  // the mail with LF for its lone CRs, where it has no other line ends
  bool limited_ = false;
  bool torn_ = false;
};

/// Text for a reader out of undecoded bytes: charset to UTF-8 (a wrong or unknown one is guessed), '\n' line ends.
[[nodiscard]] std::string readable_text(std::string bytes, std::string_view charset);

/// Quoted-printable and base64 as forgiving as mail readers are: what is no code is passed over or taken as it stands.
[[nodiscard]] std::string decode_quoted_printable(std::string_view text, bool header = false);
[[nodiscard]] std::string decode_base64(std::string_view text);

}  // namespace todoku::mail
