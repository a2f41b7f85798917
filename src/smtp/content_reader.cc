#include "smtp/content_reader.h"

#include <algorithm>
#include <cstring>

#include "smtp/content.h"

namespace todoku::smtp {

void ContentReader::begin(std::size_t limit, std::size_t expected) {
  content_ = {};
  content_.reserve(std::min(limit, expected));
  limit_ = limit;
  size_ = 0;
  last_ = {'\r', '\n'};  // the content begins at a line's start
  dot_ = Dot::none;
}

bool ContentReader::bare_line_end() const { return inspect(content_).bare_line_end; }

void ContentReader::keep(std::string_view text) {
  if (text.empty()) return;
  size_ += text.size();
  if (size_ <= limit_)
    content_ += text;
  else
    content_.clear();
  last_ = text.size() > 1 ? std::array{text[text.size() - 2], text.back()} : std::array{last_[1], text.back()};
}

bool ContentReader::at_line_start(std::string_view piece, std::size_t at) const {
  char before = at > 0 ? piece[at - 1] : last_[1];
  char two_before = at > 1 ? piece[at - 2] : at == 1 ? last_[1] : last_[0];
  return before == '\n' && two_before == '\r';
}

// After a dot at a line's start: CRLF ends the content, anything else loses the dot (section 4.5.2).
bool ContentReader::read_after_dot(std::string_view& bytes) {
  if (dot_ == Dot::dot && bytes.front() == '\r') {
    dot_ = Dot::dot_cr;
    bytes.remove_prefix(1);
    if (bytes.empty()) return false;
  }
  if (dot_ == Dot::dot_cr) {
    dot_ = Dot::none;
    if (bytes.front() == '\n') {
      bytes.remove_prefix(1);
      return true;
    }
    keep("\r");
  }
  dot_ = Dot::none;
  return false;
}

bool ContentReader::read(std::string_view& bytes) {
  while (!bytes.empty()) {
    bool stuffed = dot_ == Dot::dot;
    if (dot_ != Dot::none && read_after_dot(bytes)) return true;
    if (dot_ != Dot::none) return false;
    // The byte after a lost dot is no line start, even if it is a dot.
    std::size_t from = stuffed && !bytes.empty() ? 1 : 0;
    const void* found = nullptr;
    std::size_t at = bytes.size();
    while (from < bytes.size() && (found = std::memchr(bytes.data() + from, '.', bytes.size() - from))) {
      at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
      if (at_line_start(bytes, at)) break;
      from = at + 1;
      at = bytes.size();
    }
    keep(bytes.substr(0, at));
    if (at == bytes.size()) {
      bytes = {};
      return false;
    }
    bytes.remove_prefix(at + 1);
    dot_ = Dot::dot;
  }
  return false;
}

}  // namespace todoku::smtp
