#include "campaign/template_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "base/ascii.h"
#include "campaign/liquid_code.h"
#include "mail/html_scanner.h"
#include "mail/utf8.h"

namespace todoku::campaign {
namespace {

/// True for "images/logo.png"; false for "https://…", "//…", "cid:…", "data:…", "#…", "{{ … }}" and nothing.
bool names_a_file(std::string_view value) {
  if (value.empty() || value.front() == '#' || value.front() == '/' || value.find('{') != value.npos) return false;
  const std::size_t colon = value.find(':');
  return colon == value.npos || value.find('/') < colon;
}

int hex(char c) {
  if (base::ascii_digit(c)) return c - '0';
  const char lower = base::ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// "./a%20b.png?x" names the file "a b.png".
std::string file_of(std::string_view value) {
  std::string text = mail::unescape_html(base::trim(value));
  text = text.substr(0, text.find_first_of("?#"));
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    path += coded ? static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return path.starts_with("./") ? path.substr(2) : path;
}

/// The same content has the same id in every mail.
std::string content_id(std::size_t index, std::string_view content) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return fmt::format("image{}.{:016x}@todoku", index, hash);
}

std::string place(const SourceText& html, std::size_t offset) {
  const std::string_view before = std::string_view(html.text).substr(0, offset);
  const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const std::size_t column = mail::utf8_count(before.substr(before.rfind('\n') + 1)) + 1;
  return fmt::format("{}:{}:{}", html.name, html.first_line + lines, column);
}

}  // namespace

std::vector<ImageReference> image_references(std::string_view html) {
  std::vector<ImageReference> found;
  mail::HtmlScanner scanner(html);
  for (mail::HtmlPiece piece; scanner.next(piece);) {
    if (piece.kind != mail::HtmlPiece::Kind::open || piece.name == "script" || piece.name == "iframe") continue;
    for (const mail::HtmlAttribute& each : mail::attributes(piece.source)) {
      if (each.name != "src" && each.name != "background") continue;
      const std::string_view value = base::trim(each.value);
      if (!names_a_file(value)) continue;
      found.push_back({static_cast<std::size_t>(each.value.data() - html.data()), each.value.size(), file_of(value)});
    }
  }
  return found;
}

base::Result<void> attach_images(SourceText& html, std::span<const TemplateFile> files,
                                 std::vector<mail::MimeFile>& images) {
  std::map<std::string, std::string, std::less<>> ids;
  std::string rewritten;
  std::size_t copied = 0;
  for (const ImageReference& reference : image_references(html.text)) {
    const auto file = std::ranges::find(files, reference.path, &TemplateFile::path);
    if (file == files.end()) {
      return base::Error{base::ErrorCode::not_found, "there is no image \"" + reference.path + "\"",
                         "put it beside the HTML, or give its whole https: address", place(html, reference.offset)};
    }
    auto [id, is_new] = ids.try_emplace(reference.path);
    if (is_new) {
      id->second = content_id(ids.size(), file->content);
      const std::string name = file->path.substr(file->path.rfind('/') + 1);
      images.push_back({name, std::string(mail::content_type_of(name)), file->content, id->second});
    }
    rewritten.append(html.text, copied, reference.offset - copied);
    rewritten += "cid:" + id->second;
    copied = reference.offset + reference.length;
  }
  rewritten.append(html.text, copied);
  html.text = std::move(rewritten);
  return base::done;
}

}  // namespace todoku::campaign
