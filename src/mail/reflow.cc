#include "mail/reflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "mail/encoded_word.h"
#include "mail/mime_reader.h"
#include "mail/transfer_encoding.h"

namespace todoku::mail {
namespace {

using base::Error;
using base::ErrorCode;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Bytes of the mail that become others.
struct Edit {
  std::size_t at = 0;
  std::size_t size = 0;
  std::string text;
};

/// How a part's body is encoded as it stands.
enum class Coding { none, quoted_printable, base64, unknown };

Coding coding_of(std::string_view field) {
  const std::string word = base::ascii_lower(base::trim(field));
  if (word.empty() || word == "7bit" || word == "8bit" || word == "binary") return Coding::none;
  if (word == "quoted-printable") return Coding::quoted_printable;
  return word == "base64" ? Coding::base64 : Coding::unknown;
}

/// Encodes the parts that have long lines.
class Bodies {
 public:
  Bodies(std::string_view mail, std::size_t limit) : mail_(mail), limit_(limit), reader_(mail) {}

  base::Result<std::string> encoded() {
    for (const MimePart& part : reader_.parts()) {
      if (part.is("multipart", "signed") && has_line_above(part.body, limit_)) {
        return Error{ErrorCode::invalid, "a line that is too long is part of what was signed",
                     "let the program that signs make shorter lines", ""};
      }
      if (part.has_children || !has_line_above(part.body, limit_)) continue;
      if (auto r = encode(part); !r) return std::move(r).error();
    }
    return applied();
  }

 private:
  [[nodiscard]] std::size_t offset(std::string_view view) const {
    return static_cast<std::size_t>(view.data() - mail_.data());
  }

  base::Result<void> encode(const MimePart& part) {
    const Coding coding = coding_of(reader_.field(part, "Content-Transfer-Encoding"));
    if (base::iequals(part.type, "multipart") || base::iequals(part.type, "message") || coding == Coding::unknown) {
      return Error{reader_.limited() ? ErrorCode::limit : ErrorCode::invalid,
                   fmt::format("a part of type {}/{} has lines that are too long, and cannot be encoded", part.type,
                               part.subtype),
                   "let the program that makes the mail encode it", ""};
    }
    Edit body{offset(part.body), part.body.size(), {}};
    const bool quoted = coding != Coding::base64 && base::iequals(part.type, "text");
    if (quoted) {
      const bool coded = coding == Coding::quoted_printable;
      append_quoted_printable(body.text, coded ? decode_quoted_printable(part.body) : std::string(part.body));
      if (!body.text.ends_with("\r\n")) body.text += part.body.ends_with("\r\n") ? "=\r\n" : "";
    } else {
      std::string_view bytes = part.body;
      // The last line end is the boundary's, not the part's.
      if (part.parent >= 0 && bytes.ends_with("\r\n")) bytes.remove_suffix(2);
      append_base64(body.text, coding == Coding::base64 ? decode_base64(bytes) : std::string(bytes));
    }
    declare(part, quoted ? "quoted-printable" : "base64");
    edits_.push_back(std::move(body));
    return base::done;
  }

  /// Has the part's header name its encoding, in each such field: one left over would hold for some readers.
  void declare(const MimePart& part, std::string_view encoding) {
    bool named = false;
    for (const RawField& field : reader_.fields(part)) {
      if (!base::iequals(field.name, "Content-Transfer-Encoding")) continue;
      named = true;
      edits_.push_back(
          {offset(field.value), field.value.size(), fmt::format("{}{}", field.value.empty() ? " " : "", encoding)});
    }
    if (named) return;
    const std::size_t body = offset(part.body);
    const bool blank_line = mail_.substr(0, body).ends_with("\r\n\r\n") || body == 2;
    edits_.push_back({blank_line ? body - 2 : body, 0,
                      fmt::format("Content-Transfer-Encoding: {}\r\n{}", encoding, blank_line ? "" : "\r\n")});
  }

  std::string applied() {
    std::ranges::sort(edits_, {}, [](const Edit& edit) { return std::pair(edit.at, edit.size); });
    std::string out;
    std::size_t at = 0;
    for (const Edit& edit : edits_) {
      out += mail_.substr(at, edit.at - at);
      out += edit.text;
      at = edit.at + edit.size;
    }
    out += mail_.substr(at);
    return out;
  }

  const std::string_view mail_;
  const std::size_t limit_;
  const MimeReader reader_;
  std::vector<Edit> edits_;
};

/// One header field with its continuations (or a line of a preamble), in lines that are short enough.
class Fold {
 public:
  Fold(std::string_view unit, std::size_t limit) : unit_(unit), limit_(limit) {}

  base::Result<void> append_to(std::string& out) {
    const std::string_view name = unit_.substr(0, std::min(unit_.find(':'), unit_.size()));
    const std::size_t begin = out.size();
    bool whole = true;
    for (std::string_view rest = unit_; !rest.empty() && whole;) {
      const std::size_t end = rest.find("\r\n");
      whole = append_line(rest.substr(0, end), is_structured(name), out);
      out += end == rest.npos ? "" : "\r\n";
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 2);
    }
    if (whole) return base::done;
    out.resize(begin);
    if (is_text(name)) return append_encoded(name, out), base::done;
    return Error{ErrorCode::invalid, "a line of the header is too long and has no place to fold it",
                 "shorten it where the mail is made", std::string(name.substr(0, 60))};
  }

 private:
  static bool is_structured(std::string_view name) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"From", "To", "Cc", "Reply-To", "Sender", "Resent-From", "Resent-To", "Resent-Cc", "Content-Type",
         "Content-Disposition", "List-Unsubscribe", "Received", "DKIM-Signature", "Authentication-Results"});
    return std::ranges::any_of(kNames, [&](std::string_view one) { return base::iequals(one, name); });
  }
  static bool is_text(std::string_view name) {
    return base::iequals(name, "Subject") || base::iequals(name, "Comments") ||
           base::iequals(name, "Content-Description");
  }

  /// False: a stretch of it is too long.
  bool append_line(std::string_view line, bool structured, std::string& out) const {
    std::size_t room = limit_;
    while (line.size() > room) {
      std::size_t at = blank_before(line, room);
      const bool blank = at > 0;
      if (!blank && structured) at = mark_before(line, room);
      if (at == 0) return false;
      out += line.substr(0, at);
      out += blank ? "\r\n" : "\r\n ";
      line.remove_prefix(at);
      room = blank ? limit_ : limit_ - 1;
    }
    out += line;
    return true;
  }

  /// Whether a fold may stand before that byte: words on both sides, so that no line is blank.
  static bool folds(std::string_view line, std::size_t at) {
    if (at == 0 || at + 1 >= line.size() || !is_blank(line[at]) || is_blank(line[at + 1])) return false;
    return !std::ranges::all_of(line.substr(0, at), is_blank);
  }
  static std::size_t blank_before(std::string_view line, std::size_t room) {
    for (std::size_t at = std::min(room, line.size() - 1); at > 0; --at) {
      if (folds(line, at)) return at;
    }
    return 0;
  }
  /// Behind the last comma or semicolon outside of quotes.
  static std::size_t mark_before(std::string_view line, std::size_t room) {
    std::size_t found = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < std::min(room, line.size() - 1); ++at) {
      if (quoted && line[at] == '\\') {
        ++at;
      } else if (line[at] == '"') {
        quoted = !quoted;
      } else if (!quoted && (line[at] == ',' || line[at] == ';')) {
        found = at + 1;
      }
    }
    return found;
  }

  void append_encoded(std::string_view name, std::string& out) const {
    const std::size_t begin = out.size();
    out += name;
    out += ": ";
    append_encoded_words(out, decoded_header(base::trim(unit_.substr(name.size() + 1))), out.size() - begin);
    out += "\r\n";
  }

  const std::string_view unit_;
  const std::size_t limit_;
};

/// Where the field or line at `at` ends: behind its continuations.
std::size_t end_of_unit(std::string_view mail, std::size_t at) {
  for (;;) {
    const std::size_t end = mail.find("\r\n", at);
    if (end == mail.npos) return mail.size();
    at = end + 2;
    if (at >= mail.size() || !is_blank(mail[at])) return at;
  }
}

std::string without_line_ends(std::string bytes) {
  std::erase_if(bytes, [](char c) { return c == '\r' || c == '\n'; });
  return bytes;
}

/// Whether both have the same parts with the same fields (but for an encoding named anew) and the same content. Mail
/// that is no proper MIME can be read in another way once it is folded.
bool read_alike(std::string_view before, std::string_view after) {
  const MimeReader one(before);
  const MimeReader other(after);
  if (one.parts().size() != other.parts().size()) return false;
  for (std::size_t i = 0; i < one.parts().size(); ++i) {
    const MimePart& was = one.parts()[i];
    const MimePart& is = other.parts()[i];
    if (is.field_count != was.field_count && is.field_count != was.field_count + 1) return false;
    if (was.has_children != is.has_children || was.type != is.type || was.subtype != is.subtype) return false;
    if (was.has_children) continue;
    if (without_line_ends(one.bytes(was, before.size() + 1)) != without_line_ends(other.bytes(is, after.size() + 1))) {
      return false;
    }
  }
  return true;
}

base::Result<std::string> folded(std::string_view mail, std::size_t limit) {
  std::string out;
  for (std::size_t at = 0; at < mail.size();) {
    const std::size_t end = end_of_unit(mail, at);
    const std::string_view unit = mail.substr(at, end - at);
    at = end;
    if (!has_line_above(unit, limit)) {
      out += unit;
    } else if (auto done = Fold(unit, limit).append_to(out); !done) {
      return std::move(done).error();
    }
  }
  return out;
}

}  // namespace

bool has_line_above(std::string_view mail, std::size_t limit) {
  while (!mail.empty()) {
    const std::size_t end = std::min(mail.find("\r\n"), mail.size());
    if (end > limit) return true;
    mail.remove_prefix(std::min(end + 2, mail.size()));
  }
  return false;
}

base::Result<std::string> reflow(std::string_view mail, std::size_t limit) {
  limit = std::max(limit, kShortestLimit);
  if (!has_line_above(mail, limit)) return std::string(mail);
  auto encoded = Bodies(mail, limit).encoded();
  if (!encoded) return encoded;
  // What is left stands in headers, or beside the parts, where nobody reads.
  auto made = folded(*encoded, limit);
  if (!made) return made;
  if (has_line_above(*made, limit) || !read_alike(mail, *made)) {
    return Error{ErrorCode::invalid, "it is no proper MIME, and cannot be laid out anew without changing it",
                 "let the program that makes the mail make shorter lines", ""};
  }
  return made;
}

}  // namespace todoku::mail
