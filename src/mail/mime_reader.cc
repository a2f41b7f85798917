#include "mail/mime_reader.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::mail {
namespace {

constexpr std::size_t npos = std::string_view::npos;

/// Where a line begins that starts with "--", at `from` (itself a line's start) or later. From line end to line end: so
/// it is several times faster than a search for "\n--", whose byte is too frequent for memmem.
std::size_t next_dashes(std::string_view text, std::size_t from) {
  if (text.substr(from, 2) == "--") return from;
  if (from > 0) --from;  // the line end before
  while ((from = text.find('\n', from)) != npos)
    if (text.substr(++from, 2) == "--") return from;
  return npos;
}

std::string_view rest_of_line(std::string_view text, std::size_t from) {
  return text.substr(from, std::min(text.find('\n', from), text.size()) - from);
}

bool lone_carriage_returns(std::string_view mail) {
  const std::string_view start = mail.substr(0, 4096);
  return start.find('\n') == npos && start.find('\r') != npos;
}

}  // namespace

/// Walks the mail once with the stack of open boundaries; a boundary of an outer multipart closes the inner ones.
class MimeTreeBuilder {
 public:
  MimeTreeBuilder(MimeReader& reader, std::string_view mail, const MimeLimits& limits)
      : reader_(reader), mail_(mail), limits_(limits) {}

  void build() {
    std::size_t begin = 0;
    while (begin < mail_.size() && base::ascii_space(mail_[begin])) ++begin;
    const std::string_view start = mail_.substr(begin);
    if (start.starts_with("From ") || start.starts_with(">From ")) begin = after_line(begin);  // an mbox's line
    entity(begin, -1, 0, "text", "plain");
  }

 private:
  struct Delimiter {
    std::size_t begin = 0;  // of its line
    std::size_t after = 0;  // the next line
    std::size_t level = 0;  // index in boundaries_
    bool close = false;
  };

  std::size_t after_line(std::size_t pos) const {
    const std::size_t end = mail_.find('\n', pos);
    return end == npos ? mail_.size() : end + 1;
  }

  /// The next line at or after `from` that is a delimiter of any open multipart; at the mail's end, where none is.
  Delimiter next_delimiter(std::size_t from) {
    if (boundaries_.empty()) return {mail_.size(), mail_.size(), 0, true};
    if (found_.begin >= from && found_depth_ == boundaries_.size()) return found_;
    for (std::size_t pos = from; (pos = next_dashes(mail_, pos)) != npos; pos = after_line(pos)) {
      if (const Delimiter* match = delimiter_at(pos)) return *match;
      if (after_line(pos) >= mail_.size()) break;
    }
    found_ = {mail_.size(), mail_.size(), 0, true};
    found_depth_ = boundaries_.size();
    return found_;
  }

  const Delimiter* delimiter_at(std::size_t pos) {
    const std::string_view line = rest_of_line(mail_, pos).substr(2);
    for (std::size_t level = boundaries_.size(); level-- > 0;) {
      const std::string& boundary = boundaries_[level];
      if (!line.starts_with(boundary)) continue;
      const std::string_view tail = line.substr(boundary.size());
      const bool close = tail.starts_with("--");
      if (!close && !base::trim(tail).empty()) continue;
      found_ = {pos, after_line(pos), level, close};
      found_depth_ = boundaries_.size();
      return &found_;
    }
    return nullptr;
  }

  /// Reads the entity whose header begins at `begin`, with all that is inside; returns where it ends.
  std::size_t entity(std::size_t begin, int parent, int depth, std::string_view type, std::string_view subtype) {
    const std::size_t border = next_delimiter(begin).begin;
    const std::size_t first = reader_.fields_.size();
    const std::string_view all = mail_.substr(begin, border - begin);
    const std::size_t body = begin + read_fields(all, reader_.fields_, limits_.fields);
    const std::size_t index = reader_.parts_.size();
    MimePart& part = reader_.parts_.emplace_back();
    part.parent = parent;
    part.depth = depth;
    part.first_field = static_cast<std::uint32_t>(first);
    part.field_count = static_cast<std::uint32_t>(reader_.fields_.size() - first);
    part.type = type;
    part.subtype = subtype;
    const std::string_view content_type = reader_.field(part, "Content-Type");
    take_type(part, content_type);
    std::size_t end = border;
    if (reader_.parts_.size() < limits_.parts && static_cast<std::size_t>(depth) < limits_.depth) {
      end = inside(part, index, body, border, content_type);
    } else {
      reader_.limited_ = true;
    }
    reader_.parts_[index].body = mail_.substr(std::min(body, end), end - std::min(body, end));
    return end;
  }

  static void take_type(MimePart& part, std::string_view content_type) {
    const std::string_view word = base::trim(content_type.substr(0, content_type.find_first_of("; \t\r\n")));
    const std::size_t slash = word.find('/');
    if (slash == npos || slash == 0) return;
    part.type = word.substr(0, slash);
    part.subtype = word.substr(slash + 1);
  }

  std::size_t inside(const MimePart& part, std::size_t index, std::size_t body, std::size_t border,
                     std::string_view content_type) {
    if (base::iequals(part.type, "multipart")) {
      const bool digest = base::iequals(part.subtype, "digest");
      std::string boundary = parameter_of(content_type, "boundary");
      const int depth = part.depth;
      if (!opens(boundary, body, border)) {
        if (depth == 0) reader_.torn_ = true;
        boundary = guessed_boundary(body, border);
      }
      return boundary.empty() ? border : children(std::move(boundary), body, index, depth, digest);
    }
    const bool mail = part.is("message", "rfc822") || part.is("message", "global");
    const std::string_view encoding = reader_.field(part, "Content-Transfer-Encoding");
    if (!mail || base::istarts_with(encoding, "base64") || base::istarts_with(encoding, "quoted")) return border;
    reader_.parts_[index].has_children = true;
    return entity(body, static_cast<int>(index), part.depth + 1, "text", "plain");
  }

  std::size_t children(std::string boundary, std::size_t pos, std::size_t index, int depth, bool digest) {
    const std::size_t level = boundaries_.size();
    boundaries_.push_back(std::move(boundary));
    Delimiter at = next_delimiter(pos);
    while (at.begin < mail_.size() && at.level == level && !at.close) {
      reader_.parts_[index].has_children = true;
      pos = entity(at.after, static_cast<int>(index), depth + 1, digest ? "message" : "text",
                   digest ? "rfc822" : "plain");
      at = next_delimiter(pos);
      if (reader_.parts_.size() >= limits_.parts) break;
    }
    if (level == 0 && !(at.begin < mail_.size() && at.level == 0 && at.close)) reader_.torn_ = true;
    boundaries_.resize(level);
    return next_delimiter(std::min(at.begin, mail_.size())).begin;  // past an epilogue
  }

  bool opens(const std::string& boundary, std::size_t body, std::size_t border) const {
    if (boundary.empty()) return false;
    const std::string line = "--" + boundary;
    const std::size_t found = mail_.substr(0, border).find(line, body);
    return found != npos && (found == 0 || mail_[found - 1] == '\n');
  }

  /// The first line like "--x" that header fields follow: what a multipart was laid out with, whatever it declares.
  std::string guessed_boundary(std::size_t body, std::size_t border) const {
    const std::string_view text = mail_.substr(0, border);
    for (std::size_t pos = body; pos < border && (pos = next_dashes(text, pos)) != npos; pos = after_line(pos)) {
      const std::string_view line = base::trim(rest_of_line(text, pos));
      if (line.size() < 4 || line.size() > 200 || line.find(' ') != npos) continue;
      if (base::istarts_with(text.substr(std::min(after_line(pos), border)), "Content-"))
        return std::string(line.substr(2));
    }
    return {};
  }

  MimeReader& reader_;
  std::string_view mail_;
  const MimeLimits& limits_;
  std::vector<std::string> boundaries_;
  Delimiter found_;  // the last one met, good while the same boundaries are open
  std::size_t found_depth_ = 0;
};

bool MimePart::is(std::string_view wanted_type, std::string_view wanted_subtype) const {
  return base::iequals(type, wanted_type) && base::iequals(subtype, wanted_subtype);
}

MimeReader::MimeReader(std::string_view mail, const MimeLimits& limits) {
  if (lone_carriage_returns(mail)) {
    unified_ = mail;
    std::ranges::replace(unified_, '\r', '\n');
    mail = unified_;
  }
  parts_.reserve(8);
  fields_.reserve(64);
  MimeTreeBuilder(*this, mail, limits).build();
}

}  // namespace todoku::mail
