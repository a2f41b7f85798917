// What a mail program sees of a mail, by GMime: an independent reader to compare what we composed with. For tests and
// the sandbox; bounces are read by mime_reader.h.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace todoku::mail {

struct ReadPart {
  std::string type;      // "text/html"
  std::string encoding;  // "quoted-printable"
  std::string disposition;
  std::string file_name;
  std::string content_id;
  std::string content;  // without its transfer encoding
};

struct ReadMail {
  std::vector<std::pair<std::string, std::string>> fields;  // unfolded, decoded
  std::vector<ReadPart> parts;                              // the leaves, in order

  /// The first field of that name, or empty.
  [[nodiscard]] std::string field(std::string_view name) const;
  /// The first part of that type; null where there is none.
  [[nodiscard]] const ReadPart* part(std::string_view type) const;
};

/// Empty where GMime makes nothing of it.
[[nodiscard]] std::optional<ReadMail> read_mail(std::string_view mail);

}  // namespace todoku::mail
