#include "mail/header.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "mail/encoded_word.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t kFoldAt = 78;
constexpr std::size_t kMaxLine = 998;

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

base::Result<void> check(std::string_view name, std::string_view value) {
  const auto error = [&](std::string message) {
    return base::Error{base::ErrorCode::invalid, std::move(message), "take it out of the value", std::string(name)};
  };
  if (!is_token(name)) return error("no name of a header field");
  for (const char c : value) {
    if (c == '\r' || c == '\n') return error("a line end stands in a header field");
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
      return error("a control character stands in a header field");
    }
  }
  if (!is_utf8(value)) return error("a header field is not UTF-8");
  return base::done;
}

/// One field as it grows; knows the column to fold at.
class Field {
 public:
  Field(std::string& out, std::string_view name) : out_(out), begin_(out.size()), line_(out.size()) {
    out_ += name;
    out_ += ':';
  }

  /// A piece after a blank; on a line of its own where it would not fit.
  void piece(std::string_view text) {
    if (column() + 1 + text.size() > kFoldAt && out_.size() > line_ + 1 && !fresh_) fold();
    if (!fresh_) out_ += ' ';
    fresh_ = false;
    out_ += text;
  }
  void glue(std::string_view text) { out_ += text; }

  /// Encoded-words, beginning where the line stands; RFC 2047 allows a line with one 76 characters.
  void encoded(std::string_view text) {
    if (!fresh_) out_ += ' ';
    fresh_ = false;
    append_encoded_words(out_, text, column());
    line_ = std::max(begin_, out_.rfind('\n') + 1);
  }

  base::Result<void> end(std::string_view name) {
    out_ += "\r\n";
    std::size_t start = begin_;
    for (std::size_t i = begin_; i < out_.size(); ++i) {
      if (out_[i] != '\n') continue;
      if (i - 1 - start > kMaxLine) {
        out_.resize(begin_);
        return base::Error{base::ErrorCode::limit, "a header field has a line of more than 998 characters",
                           "shorten it, or put blanks into it", std::string(name)};
      }
      start = i + 1;
    }
    return base::done;
  }

 private:
  [[nodiscard]] std::size_t column() const { return out_.size() - line_; }

  void fold() {
    out_ += "\r\n ";
    line_ = out_.size() - 1;
    fresh_ = true;
  }

  std::string& out_;
  std::size_t begin_;
  std::size_t line_;
  bool fresh_ = false;  // the line's blank is written already
};

/// Words divided by single blanks, each short enough for a line; text that other blanks or "=?" would change on the way
/// is to be encoded instead.
bool plain_text(std::string_view value) {
  if (!is_ascii(value) || value.find("=?") != value.npos) return false;
  std::size_t word = 0;
  bool blank = true;  // the field's own blank stands before
  for (const char c : value) {
    if (c == '\t' || (c == ' ' && blank)) return false;
    blank = c == ' ';
    word = blank ? 0 : word + 1;
    if (word > kFoldAt - 1) return false;  // behind the blank of a folded line
  }
  return value.empty() || !blank;
}

void add_words(Field& field, std::string_view value) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(' '), value.size());
    if (end > 0) field.piece(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

bool is_phrase(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return base::ascii_alpha(c) || base::ascii_digit(c) ||
           std::string_view(" !#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
  });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void add_name(Field& field, std::string_view name) {
  if (!plain_text(name)) {
    field.encoded(name);
  } else if (is_phrase(name)) {
    add_words(field, name);
  } else if (name.size() < kFoldAt - 14) {
    field.piece(quoted(name));
  } else {
    field.encoded(name);  // a long quoted-string may only be folded inside, which some readers get wrong
  }
}

/// Blanks and controls that would break a line, or hide or turn what follows.
enum class Kind : std::uint8_t { text, blank, drop };
Kind kind_of(char32_t c) {
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0x0B || c == 0x0C || c == 0x85 || c == 0x2028 ||
      c == 0x2029) {
    return Kind::blank;
  }
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool directional = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || directional || c == 0xFEFF ? Kind::drop : Kind::text;
}

bool needs_no_cleaning(std::string_view value) {
  char before = ' ';
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) return false;
    if (c == ' ' && before == ' ') return false;
    before = c;
  }
  return value.empty() || before != ' ';
}

bool is_dot_atom(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    const bool atext = base::ascii_alpha(c) || base::ascii_digit(c) ||
                       std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
    if (c == '.' ? before == '.' : !atext) return false;
    before = c;
  }
  return before != '.';
}

}  // namespace

std::string header_text(std::string_view value, std::size_t most) {
  if (value.size() <= most && needs_no_cleaning(value)) return std::string(value);
  std::string out;
  bool blank = false;
  while (!value.empty()) {
    const char32_t c = utf8_take(value);
    const Kind kind = kind_of(c);
    if (kind == Kind::drop) continue;
    if (kind == Kind::blank) {
      blank = !out.empty();
      continue;
    }
    const std::size_t before = out.size();
    if (blank) out += ' ';
    blank = false;
    utf8_append(out, c);
    if (out.size() > most) {
      out.resize(before);
      break;
    }
  }
  return out;
}

base::Result<void> append_text_field(std::string& out, std::string_view name, std::string_view value) {
  if (auto r = check(name, value); !r) return r;
  Field field(out, name);
  // A field that is folded right behind its name begins with a blank to some readers.
  const bool first_fits = name.size() + 2 + std::min(value.find(' '), value.size()) <= kFoldAt;
  if (plain_text(value) && first_fits) {
    add_words(field, value);
  } else {
    field.encoded(value);
  }
  return field.end(name);
}

base::Result<void> append_structured_field(std::string& out, std::string_view name, std::string_view value) {
  if (auto r = check(name, value); !r) return r;
  if (!is_ascii(value)) {
    return base::Error{base::ErrorCode::invalid, "this header field takes ASCII only", "write it in ASCII",
                       std::string(name)};
  }
  Field field(out, name);
  add_words(field, value);
  return field.end(name);
}

base::Result<void> append_mailbox_field(std::string& out, std::string_view name, std::span<const Mailbox> mailboxes) {
  for (const Mailbox& mailbox : mailboxes) {
    auto r = check(name, mailbox.name);
    if (r) r = check(name, mailbox.address.local);
    if (r) r = check(name, mailbox.address.ascii_domain);
    if (!r) return r;
  }
  Field field(out, name);
  for (const Mailbox& mailbox : mailboxes) {
    std::string address = mailbox.address.smtp();
    if (&mailbox != &mailboxes.front()) field.glue(",");
    if (!mailbox.name.empty()) {
      add_name(field, mailbox.name);
      address = "<" + address + ">";
    }
    field.piece(address);
  }
  return field.end(name);
}

std::string date_text(base::Time time, int utc_offset_minutes) {
  using namespace std::chrono;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto local = floor<seconds>(time + minutes(utc_offset_minutes));
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss clock(local - day);
  const int offset = std::abs(utc_offset_minutes);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), utc_offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

base::Result<std::string> message_id(std::string_view left, std::string_view domain) {
  if (is_dot_atom(left) && is_dot_atom(domain) && left.size() + domain.size() < 250) {
    return fmt::format("<{}@{}>", left, domain);
  }
  return base::Error{base::ErrorCode::invalid, "a Message-ID of these parts is not allowed",
                     "use ASCII letters, digits, dots, hyphens and underscores", "Message-ID"};
}

std::string parameter(std::string_view name, std::string_view value) {
  const std::string clean = header_text(value, 500);
  if (is_ascii(clean) && clean.size() < 60) return fmt::format("{}={}", name, quoted(clean));
  std::string out = fmt::format("{}*=UTF-8''", name);
  for (const char c : clean) {
    if (base::ascii_alpha(c) || base::ascii_digit(c) || c == '.' || c == '-' || c == '_') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

}  // namespace todoku::mail
