#include "mail/address.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "mail/domain.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t kMaxLocal = 64;     // RFC 5321 section 4.5.3.1.1, octets
constexpr std::size_t kMaxAddress = 254;  // section 4.5.3.1.3: a path of 256 with its angle brackets

constexpr bool is_atext(char c) {
  return base::ascii_alpha(c) || base::ascii_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

constexpr auto kAtext = [] {
  std::array<bool, 256> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = i >= 0x80 || is_atext(static_cast<char>(i));
  return table;
}();

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

base::Error fault(std::string_view text, std::size_t byte, std::string message, std::string hint) {
  return {base::ErrorCode::invalid, std::move(message), std::move(hint),
          "character " + std::to_string(utf8_count(text.substr(0, byte)) + 1)};
}

/// Blanks that people and spreadsheets leave around an address: also the ideographic space, NBSP and a stray BOM.
std::string_view trim_typed(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBlanks = {"\u3000", "\u00A0", "\uFEFF", "\u200B"};
  while (true) {
    const std::size_t before = text.size();
    text = base::trim(text);
    for (const auto blank : kBlanks) {
      if (text.starts_with(blank)) text.remove_prefix(blank.size());
      if (text.ends_with(blank)) text.remove_suffix(blank.size());
    }
    if (text.size() == before) return text;
  }
}

/// A whole address under examination; positions are counted in what was typed.
class Parser {
 public:
  explicit Parser(std::string_view typed) : typed_(typed) {}

  base::Result<Address> parse(std::string_view text) {
    begin_ = static_cast<std::size_t>(text.data() - typed_.data());
    if (text.empty()) return error(0, "the address is empty", "write it as name@example.jp");
    if (text.size() > 4 * kMaxAddress) {
      return error(0, "the address is too long: " + std::to_string(text.size()) + " octets, at most 254", "shorten it");
    }
    if (const std::size_t good = utf8_valid_prefix(text); good != text.size()) {
      return error(good, "these bytes are not UTF-8", "check the charset of the file");
    }
    Address address;
    auto at = text.front() == '"' ? quoted_local(text, address) : plain_local(text, address);
    if (!at) return std::move(at).error();
    if (auto r = domain(text, *at + 1, address); !r) return std::move(r).error();
    if (auto r = dots(text, *at, address); !r) return std::move(r).error();
    if (auto r = lengths(address); !r) return std::move(r).error();
    return address;
  }

 private:
  [[nodiscard]] base::Error error(std::size_t offset, std::string message, std::string hint) const {
    return fault(typed_, begin_ + offset, std::move(message), std::move(hint));
  }

  /// Offset of the @.
  base::Result<std::size_t> plain_local(std::string_view text, Address& into) {
    bool ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '@') {
        if (i == 0) return error(0, "nothing stands before the @", "write it as name@example.jp");
        into.local = text.substr(0, i);
        into.smtputf8 = !ascii;
        return i;
      }
      if (static_cast<unsigned char>(c) >= 0x80) {
        ascii = false;
        if (auto r = foreign(text, i); !r) return std::move(r).error();
      } else if (c != '.' && !kAtext[static_cast<unsigned char>(c)]) {
        return bad_local_character(i, c);
      }
    }
    return error(text.size(), "there is no @", "write it as name@example.jp");
  }

  [[nodiscard]] base::Error bad_local_character(std::size_t i, char c) const {
    if (is_control(c)) return error(i, "a control character stands before the @", "delete it");
    if (c == ' ') return error(i, "a blank stands before the @", "delete it");
    return error(i, std::string("the character ") + c + " is not allowed before the @",
                 "delete it or check the spelling");
  }

  /// Beyond ASCII any letter may stand in a local part, but full-width forms and controls are slips of the keyboard.
  base::Result<void> foreign(std::string_view text, std::size_t i) const {
    if (utf8_continuation(text[i])) return base::done;
    std::string_view rest = text.substr(i);
    const char32_t c = utf8_take(rest);
    if (c == U'＠') return error(i, "a full-width ＠ stands where @ should", "type @ in half-width letters");
    if (c >= 0xFF01 && c <= 0xFF5E) return error(i, "a full-width character", "type the address in half-width letters");
    if (c == 0x3000 || c == 0xA0) return error(i, "a blank stands before the @", "delete it");
    const bool invisible = (c >= 0x80 && c < 0xA0) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
                           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xAD;
    if (invisible) return error(i, "an invisible control character", "delete it, or type the address anew");
    return base::done;
  }

  base::Result<std::size_t> quoted_local(std::string_view text, Address& into) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      char c = text[i];
      if (c == '"') return after_quotes(text, i, into);
      if (c == '\\' && i + 1 < text.size()) c = text[++i];
      if (is_control(c)) return error(i, "a control character stands between the quotes", "delete it");
      if (static_cast<unsigned char>(c) >= 0x80) {
        into.smtputf8 = true;
        if (auto r = foreign(text, i); !r) return std::move(r).error();
      }
      into.local += c;
    }
    return error(text.size(), "the quotes before the @ are not closed", "add the missing \"");
  }

  base::Result<std::size_t> after_quotes(std::string_view text, std::size_t quote, const Address& parsed) const {
    if (parsed.local.empty()) return error(0, "nothing stands between the quotes", "write it as name@example.jp");
    if (quote + 1 < text.size() && text[quote + 1] == '@') return quote + 1;
    return error(quote + 1, "an @ should follow the quotes", "write it as \"name\"@example.jp");
  }

  base::Result<void> domain(std::string_view text, std::size_t begin, Address& into) const {
    const std::string_view typed = text.substr(begin);
    if (const std::size_t second = typed.find('@'); second != typed.npos) {
      return error(begin + second, "there are two @", "write one address a field");
    }
    into.domain = typed;
    std::size_t bad = 0;
    if (auto problem = to_ascii_domain(typed, into.ascii_domain, bad)) {
      return error(begin + bad, std::move(problem->message), std::move(problem->hint));
    }
    return base::done;
  }

  /// The carriers gave out what RFC 5321 wants quoted; elsewhere such dots are slips.
  base::Result<void> dots(std::string_view text, std::size_t at, const Address& parsed) const {
    if (text.front() == '"' || allows_stray_dots(parsed.ascii_domain)) return base::done;
    const std::string& local = parsed.local;
    if (local.front() == '.') return error(0, "the address begins with a dot", "delete it");
    if (local.back() == '.') return error(at - 1, "a dot stands before the @", "delete it");
    if (const std::size_t pair = local.find(".."); pair != local.npos) {
      return error(pair + 1, "two dots in a row", "delete one");
    }
    return base::done;
  }

  base::Result<void> lengths(const Address& parsed) const {
    const std::size_t local = parsed.local.size();
    if (local > kMaxLocal) {
      return error(0, "the part before the @ is " + std::to_string(local) + " octets long, at most 64", "shorten it");
    }
    const std::size_t whole = parsed.smtp().size();
    if (whole > kMaxAddress) {
      return error(0, "the address is " + std::to_string(whole) + " octets long, at most 254", "shorten it");
    }
    return base::done;
  }

  std::string_view typed_;
  std::size_t begin_ = 0;
};

/// RFC 5321's Dot-string: atoms with single dots between.
bool is_dot_string(std::string_view local) {
  bool after_dot = true;
  for (const char c : local) {
    if (c == '.' ? after_dot : !kAtext[static_cast<unsigned char>(c)]) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

/// The same with dots wherever they like: what carriers gave out and people type without quotes.
bool is_dotted(std::string_view local) {
  return std::ranges::all_of(local, [](char c) { return c == '.' || kAtext[static_cast<unsigned char>(c)]; });
}

std::string quoted(std::string_view local) {
  std::string out = "\"";
  for (const char c : local) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

std::string joined(std::string_view local, bool plain, std::string_view domain) {
  std::string out;
  out.reserve(local.size() + domain.size() + 3);
  if (plain) {
    out = local;
  } else {
    out = quoted(local);
  }
  out += '@';
  out += domain;
  return out;
}

/// Lets ICU write units into a buffer, twice where the first guess was too short. `write(buffer, capacity, status)`
/// returns the length wanted. Empty on failure.
template <typename Buffer, typename Write>
Buffer written(std::size_t guess, const Write& write) {
  Buffer out(guess, {});
  for (int i = 0; i < 2; ++i) {
    UErrorCode status = U_ZERO_ERROR;
    const auto length = static_cast<std::size_t>(write(out.data(), static_cast<std::int32_t>(out.size()), status));
    if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) return {};
    const bool whole = length <= out.size();
    out.resize(length);
    if (whole) return out;
  }
  return {};
}

// ICU's functions in C rather than its classes: they can be looked up when first called (cmake/LateLibraries.cmake).
std::string fold_case(std::string_view text) {
  if (is_ascii(text)) return base::ascii_lower(text);
  const auto size = [](const auto& of) { return static_cast<std::int32_t>(of.size()); };
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* nfc = unorm2_getNFCInstance(&status);
  if (U_FAILURE(status)) return std::string(text);
  const auto units = written<std::u16string>(text.size(), [&](char16_t* out, std::int32_t capacity, UErrorCode& error) {
    std::int32_t length = 0;
    u_strFromUTF8WithSub(out, capacity, &length, text.data(), size(text), 0xFFFD, nullptr, &error);
    return length;
  });
  const auto folded =
      written<std::u16string>(2 * units.size(), [&](char16_t* out, std::int32_t capacity, UErrorCode& error) {
        return u_strFoldCase(out, capacity, units.data(), size(units), U_FOLD_CASE_DEFAULT, &error);
      });
  const auto normal =
      written<std::u16string>(2 * folded.size(), [&](char16_t* out, std::int32_t capacity, UErrorCode& error) {
        return unorm2_normalize(nfc, folded.data(), size(folded), out, capacity, &error);
      });
  return written<std::string>(3 * normal.size(), [&](char* out, std::int32_t capacity, UErrorCode& error) {
    std::int32_t length = 0;
    u_strToUTF8WithSub(out, capacity, &length, normal.data(), size(normal), 0xFFFD, nullptr, &error);
    return length;
  });
}

/// The display name before '<': without its quotes and backslashes.
std::string unquoted_name(std::string_view name) {
  name = trim_typed(name);
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
  name = name.substr(1, name.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    out += name[i];
  }
  return out;
}

}  // namespace

std::string Address::display() const {
  return joined(local, is_dot_string(local) || (is_dotted(local) && allows_stray_dots(ascii_domain)), domain);
}

std::string Address::smtp() const { return joined(local, is_dot_string(local), ascii_domain); }

std::string Address::match_key() const {
  std::string key = fold_case(local);
  key += '@';
  key += ascii_domain;
  return key;
}

base::Result<Address> parse_address(std::string_view text) { return Parser(text).parse(trim_typed(text)); }

base::Result<Mailbox> parse_mailbox(std::string_view text) {
  const std::string_view trimmed = trim_typed(text);
  if (trimmed.empty() || trimmed.back() != '>') {
    auto address = parse_address(text);
    if (!address) return std::move(address).error();
    return Mailbox{"", *std::move(address)};
  }
  const std::size_t open = trimmed.rfind('<');
  if (open == trimmed.npos) return fault(text, text.find('>'), "a > without <", "write it as Name <name@example.jp>");
  const std::string_view name = trimmed.substr(0, open);
  const auto bad = std::ranges::find_if(name, [](char c) { return is_control(c) && c != '\t'; });
  const auto name_offset = static_cast<std::size_t>(name.data() - text.data());
  if (bad != name.end()) {
    return fault(text, name_offset + static_cast<std::size_t>(bad - name.begin()),
                 "a control character stands in the name", "delete it");
  }
  if (const std::size_t good = utf8_valid_prefix(name); good != name.size()) {
    return fault(text, name_offset + good, "these bytes are not UTF-8", "check the charset of the file");
  }
  auto address = Parser(text).parse(trim_typed(trimmed.substr(open + 1, trimmed.size() - open - 2)));
  if (!address) return std::move(address).error();
  return Mailbox{unquoted_name(name), *std::move(address)};
}

bool is_role_address(const Address& address) {
  constexpr auto kRoles = std::to_array<std::string_view>(
      {"abuse",        "admin",         "administrator", "all",     "billing",  "bounce",
       "bounces",      "contact",       "customer",      "daemon",  "devnull",  "dns",
       "do-not-reply", "donotreply",    "enquiries",     "enquiry", "eigyo",    "everyone",
       "feedback",     "ftp",           "hello",         "help",    "helpdesk", "hostmaster",
       "hr",           "info",          "inquiry",       "jinji",   "jobs",     "keiri",
       "mail",         "mailer-daemon", "marketing",     "master",  "news",     "newsletter",
       "no-reply",     "no_reply",      "nobody",        "noc",     "noreply",  "null",
       "office",       "otoiawase",     "postmaster",    "pr",      "press",    "privacy",
       "recruit",      "root",          "saiyo",         "sales",   "security", "service",
       "shop",         "somu",          "soumu",         "spam",    "staff",    "subscribe",
       "support",      "sysadmin",      "system",        "team",    "tech",     "toiawase",
       "unsubscribe",  "user",          "usenet",        "uucp",    "web",      "webmaster",
       "www"});
  const std::string local = base::ascii_lower(address.local);
  return std::ranges::find(kRoles, std::string_view(local)) != kRoles.end();
}

}  // namespace todoku::mail
