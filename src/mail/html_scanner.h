// HTML as a run of tags, text and merge tags, in the order of the source. Takes anything; never fails.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::mail {

struct HtmlPiece {
  enum class Kind : std::uint8_t { text, open, close, merge_tag, other };
  Kind kind = Kind::text;
  std::string_view source;  // the piece as it stands
  std::string name;         // of a tag, lower case
};

struct HtmlAttribute {
  std::string name;        // lower case
  std::string_view value;  // as it stands, entities and all
};

/// Cuts `html` at its tags, comments and merge tags. `other` is a comment, a doctype or a processing instruction. The
/// content of style, script and the like is one text piece.
class HtmlScanner {
 public:
  explicit HtmlScanner(std::string_view html) : html_(html) {}
  /// False at the end.
  bool next(HtmlPiece& piece);

 private:
  bool raw_text(HtmlPiece& piece);
  void tag(HtmlPiece& piece);

  std::string_view html_;
  std::size_t at_ = 0;
  std::string raw_until_;  // inside this element: its end tag is all that counts
};

/// The attributes of an opening tag.
[[nodiscard]] std::vector<HtmlAttribute> attributes(std::string_view tag);
/// The value of one attribute, or empty.
[[nodiscard]] std::string_view attribute(std::string_view tag, std::string_view name);

/// Text with its character references (&amp; &#12354; …) resolved; unknown ones stay as they are.
[[nodiscard]] std::string unescape_html(std::string_view text);

}  // namespace todoku::mail
