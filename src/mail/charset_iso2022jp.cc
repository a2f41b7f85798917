// ISO-2022-JP as Japanese mail writes it (RFC 1468, and Microsoft's cp50220–50222, which half of it means): ICU's own
// converter refuses NEC's row 13 (①, ㈱) and half-width kana, so escape sequences are followed here and each character
// goes through windows-31j, or through EUC-JP for JIS X 0212.
#include <array>
#include <optional>

#include "mail/charset_decoder.h"
#include "mail/charset_icu.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

enum class Set : std::uint8_t { ascii, kana, jisx0208, jisx0212 };

struct Escape {
  std::string_view sequence;
  Set set;
};
constexpr std::array<Escape, 8> kEscapes = {{{"\x1B(B", Set::ascii},
                                             {"\x1B(J", Set::ascii},
                                             {"\x1B(I", Set::kana},
                                             {"\x1B$@", Set::jisx0208},
                                             {"\x1B$B", Set::jisx0208},
                                             {"\x1B$(@", Set::jisx0208},
                                             {"\x1B$(B", Set::jisx0208},
                                             {"\x1B$(D", Set::jisx0212}}};

/// Row and cell of JIS X 0208 as Shift_JIS has them.
std::array<char, 2> to_shift_jis(unsigned char high, unsigned char low) {
  const unsigned row = high - 0x21u;
  unsigned lead = row / 2 + 0x81;
  if (lead > 0x9F) lead += 0x40;
  unsigned trail = row % 2 == 0 ? low + 0x1Fu + (low >= 0x60 ? 1u : 0u) : low + 0x7Eu;
  return {static_cast<char>(lead), static_cast<char>(trail)};
}

class Iso2022JpDecoder final : public Decoder::Impl {
 public:
  Iso2022JpDecoder(Converter shift_jis, Converter euc_jp, OnInvalid on_invalid)
      : Impl(on_invalid), shift_jis_(std::move(shift_jis)), euc_jp_(std::move(euc_jp)) {}

  base::Result<void> feed(std::string_view bytes, bool last, std::string& out) override {
    for (const char c : bytes) {
      if (auto r = take(c, out); !r) return r;
      ++offset_;
    }
    if (last && !held_.empty()) return drop_held(out);
    return base::done;
  }

 private:
  base::Result<void> take(char c, std::string& out) {
    if (!held_.empty() && held_[0] == '\x1B') return take_escape(c, out);
    if (!held_.empty()) return take_second(c, out);
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\x1B') {
      held_ = c;
      return base::done;
    }
    if (c == '\n') set_ = Set::ascii;  // RFC 1468: a line begins in ASCII, whatever a careless sender left open
    if (byte <= 0x20 || byte == 0x7F || (set_ == Set::ascii && byte < 0x80)) {
      if (byte != 0x0E && byte != 0x0F) out += c;
      return base::done;
    }
    if (byte >= 0xA1 && byte <= 0xDF && set_ != Set::jisx0212) return convert(shift_jis_, {&c, 1}, offset_, out);
    if (byte >= 0x80) return invalid(offset_, out);
    if (set_ == Set::kana) {
      const char kana = static_cast<char>(byte | 0x80);
      return convert(shift_jis_, {&kana, 1}, offset_, out);
    }
    held_ = c;
    return base::done;
  }

  base::Result<void> take_escape(char c, std::string& out) {
    held_ += c;
    for (const Escape& escape : kEscapes) {
      if (escape.sequence == held_) {
        set_ = escape.set;
        held_.clear();
        return base::done;
      }
      if (escape.sequence.starts_with(held_)) return base::done;
    }
    // Not one of ours: the escape alone is wrong, what followed is text again.
    const std::string rest = held_.substr(1);
    const std::uint64_t start = offset_ - rest.size();
    held_.clear();
    if (auto r = invalid(start, out); !r) return r;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      offset_ = start + 1 + i;
      if (auto r = take(rest[i], out); !r) return r;
    }
    return base::done;
  }

  base::Result<void> take_second(char c, std::string& out) {
    const char first = held_[0];
    const auto byte = static_cast<unsigned char>(c);
    held_.clear();
    if (byte < 0x21 || byte > 0x7E) {
      if (auto r = invalid(offset_ - 1, out); !r) return r;
      return take(c, out);
    }
    const auto high = static_cast<unsigned char>(first);
    if (set_ == Set::jisx0208) {
      const auto pair = to_shift_jis(high, byte);
      return convert(shift_jis_, {pair.data(), pair.size()}, offset_ - 1, out);
    }
    const std::array<char, 3> triple = {'\x8F', static_cast<char>(high | 0x80), static_cast<char>(byte | 0x80)};
    return convert(euc_jp_, {triple.data(), triple.size()}, offset_ - 1, out);
  }

  base::Result<void> convert(const Converter& converter, std::string_view bytes, std::uint64_t at, std::string& out) {
    UErrorCode status = U_ZERO_ERROR;
    std::array<UChar, 8> units{};
    const int n = ucnv_toUChars(converter.get(), units.data(), static_cast<int>(units.size()), bytes.data(),
                                static_cast<int>(bytes.size()), &status);
    if (U_FAILURE(status) || n == 0) return invalid(at, out);
    for (int i = 0; i < n;) {
      UChar32 c = 0;
      U16_NEXT(units, i, n, c);
      utf8_append(out, static_cast<char32_t>(c));
    }
    return base::done;
  }

  base::Result<void> drop_held(std::string& out) {
    const std::uint64_t at = offset_ - held_.size();
    held_.clear();
    return invalid(at, out);
  }

  Converter shift_jis_;
  Converter euc_jp_;
  Set set_ = Set::ascii;
  std::string held_;  // an escape sequence so far, or the first byte of a pair
  std::uint64_t offset_ = 0;
};

}  // namespace

std::unique_ptr<Decoder::Impl> make_iso2022jp_decoder(OnInvalid on_invalid) {
  auto shift_jis = open_converter("windows-31j");
  auto euc_jp = open_converter("euc-jp");
  if (!shift_jis || !euc_jp) return nullptr;
  return std::make_unique<Iso2022JpDecoder>(std::move(shift_jis), std::move(euc_jp), on_invalid);
}

}  // namespace todoku::mail
