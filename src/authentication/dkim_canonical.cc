#include "authentication/dkim_canonical.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/ascii.h"

namespace todoku::authentication {
namespace {

using base::ascii_blank;

constexpr std::size_t kBlock = 64;

/// 64 octets: as they go on, with spaces for tabs, and which of them are dropped.
struct Block {
  std::array<char, kBlock> text;
  std::array<std::uint8_t, kBlock> drop;

  /// Reads two octets more. A blank goes where a blank or a line end follows. No branch in the loop, so that the
  /// compiler takes many octets at once.
  explicit Block(const char* at) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      const bool blank = at[i] == ' ' || at[i] == '\t';
      const bool before_blank = at[i + 1] == ' ' || at[i + 1] == '\t';
      const bool before_end = (at[i + 1] == '\r') & (at[i + 2] == '\n');
      drop[i] = static_cast<std::uint8_t>(blank & (before_blank | before_end));
      text[i] = at[i] == '\t' ? ' ' : at[i];
    }
  }

  /// Bit i: octet i is dropped.
  [[nodiscard]] std::uint64_t drops() const {
    constexpr std::uint64_t kGather = 0x0102040810204080;  // the low bits of eight octets into the top one
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < kBlock / 8; ++i) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, drop.data() + i * 8, 8);
      bits |= (eight * kGather >> 56) << (i * 8);
    }
    return bits;
  }
};
static_assert(std::endian::native == std::endian::little);

/// The first `count` octets of the block; there is room for all of it at `to`.
char* append_kept(const Block& block, std::size_t count, char* to) {
  std::uint64_t drops = block.drops();
  if (count < kBlock) drops &= (std::uint64_t{1} << count) - 1;
  std::size_t at = 0;
  while (drops != 0) {
    const auto dropped = static_cast<std::size_t>(std::countr_zero(drops));
    to = std::copy(block.text.data() + at, block.text.data() + dropped, to);
    at = dropped + static_cast<std::size_t>(std::countr_one(drops >> dropped));
    drops = at < kBlock ? drops & (~std::uint64_t{0} << at) : 0;
  }
  return std::copy(block.text.data() + at, block.text.data() + count, to);
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
  for (; left >= kBlock + 2; at += kBlock, left -= kBlock) to = append_kept(Block(at), kBlock, to);
  std::array<char, 2 * kBlock + 2> last{};  // with a line end behind, as the last line may lack one
  std::copy_n("\r\n", 2, std::copy_n(at, left, last.data()));
  const std::size_t first = std::min(left, kBlock);
  to = append_kept(Block(last.data()), first, to);
  to = append_kept(Block(last.data() + kBlock), left - first, to);
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
