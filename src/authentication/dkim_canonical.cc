#include "authentication/dkim_canonical.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"

namespace todoku::authentication {
namespace {

using base::ascii_blank;

constexpr std::size_t kBlock = 64;

/// Whether the octets may be copied as they are, judged by two octets more than that. One pass without a branch, so
/// that the compiler can take sixteen octets at once.
bool nothing_to_do(const char* at) {
  unsigned found = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const unsigned blank = at[i] == ' ' ? 1U : 0U;
    const unsigned end = (at[i + 1] == ' ' ? 1U : 0U) | (at[i + 1] == '\r' ? 1U : 0U);
    found |= (blank & end) | (at[i] == '\t' ? 1U : 0U) | (at[i + 1] == '\t' ? 1U : 0U);
  }
  return found == 0;
}

/// `count` octets, of which two more can be read; a blank goes where a blank or a line end follows.
char* reduce_blanks(const char* at, std::size_t count, char* to) {
  for (const char* const end = at + count; at != end; ++at) {
    const bool dropped = ascii_blank(at[0]) && (ascii_blank(at[1]) || (at[1] == '\r' && at[2] == '\n'));
    *to = at[0] == '\t' ? ' ' : at[0];
    to += dropped ? 0 : 1;
  }
  return to;
}

/// Without the empty lines at its end; not shorter than `least`.
std::size_t without_empty_lines(std::string_view text, std::size_t least) {
  while (text.size() >= least + 2 && text.ends_with("\r\n")) text.remove_suffix(2);
  return text.size();
}

void end_body(std::string& out, std::size_t begin) {
  out.resize(without_empty_lines(out, begin));
  if (out.size() > begin) out += "\r\n";
}

}  // namespace

void append_relaxed_body(std::string& out, std::string_view body) {
  const std::size_t begin = out.size();
  out.resize(begin + body.size() + 2);
  char* to = out.data() + begin;
  const char* at = body.data();
  std::size_t left = body.size();
  while (left >= kBlock + 2) {
    if (nothing_to_do(at)) {
      std::memcpy(to, at, kBlock);
      to += kBlock;
    } else {
      to = reduce_blanks(at, kBlock, to);
    }
    at += kBlock;
    left -= kBlock;
  }
  char last[kBlock + 4];  // with a line end behind, as the last line may lack one
  std::copy_n(at, left, last);
  std::memcpy(last + left, "\r\n", 3);
  to = reduce_blanks(last, left, to);
  out.resize(static_cast<std::size_t>(to - out.data()));
  end_body(out, begin);
}

void append_simple_body(std::string& out, std::string_view body) {
  out += body.substr(0, without_empty_lines(body, 0));
  out += "\r\n";
}

void append_relaxed_field(std::string& out, std::string_view field) {
  const std::size_t colon = std::min(field.find(':'), field.size());
  std::string_view name = field.substr(0, colon);
  while (!name.empty() && ascii_blank(name.back())) name.remove_suffix(1);
  const std::size_t begin = out.size();
  out.resize(begin + field.size() + 3);
  char* to = out.data() + begin;
  for (const char c : name) *to++ = base::ascii_lower(c);
  *to++ = ':';
  const std::string_view value = base::trim(field.substr(std::min(colon + 1, field.size())));
  bool blank = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n') {  // trim() left a character behind it
      ++i;
      continue;
    }
    if (ascii_blank(value[i])) {
      if (!blank) *to++ = ' ';
      blank = true;
      continue;
    }
    blank = false;
    *to++ = value[i];
  }
  *to++ = '\r';
  *to++ = '\n';
  out.resize(static_cast<std::size_t>(to - out.data()));
}

}  // namespace todoku::authentication
