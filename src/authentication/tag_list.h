// "tag=value; tag=value" as in DKIM's signatures and key records (RFC 6376 section 3.2).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::authentication {

/// Views into the text. Values are trimmed, folds inside them stay.
class TagList {
 public:
  static constexpr std::size_t kMostTags = 64;
  static constexpr std::size_t kMostText = 16 * 1024;

  /// Nothing where it is no tag list: a name that is none, a name twice, an octet outside printable ASCII, or more than
  /// the limits allow. An empty list is one.
  static std::optional<TagList> parse(std::string_view text);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// The name of the first tag; empty where there is none.
  [[nodiscard]] std::string_view first() const { return tags_.empty() ? std::string_view() : tags_.front().name; }

 private:
  struct Tag {
    std::string_view name;
    std::string_view value;
  };
  std::vector<Tag> tags_;
};

/// Base64 with blanks and folds anywhere (RFC 6376 section 2.10). Nothing where it is none.
[[nodiscard]] std::optional<std::string> decode_folded_base64(std::string_view text);

/// "a : b:c" → a, b, c, trimmed. Nothing where there are more than `most`.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_colons(std::string_view text, std::size_t most);

}  // namespace todoku::authentication
