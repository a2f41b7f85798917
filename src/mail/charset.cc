#include "mail/charset.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "mail/charset_decoder.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

/// Names that senders write for a larger charset, or that ICU does not have.
constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kAliases = {{
    {"ansi_x3.4-1968", "utf-8"},
    {"ascii", "utf-8"},
    {"cp50220", "iso-2022-jp"},
    {"cp50221", "iso-2022-jp"},
    {"cp50222", "iso-2022-jp"},
    {"cp51932", "euc-jp"},
    {"csiso2022jp", "iso-2022-jp"},
    {"default", "utf-8"},
    {"euc-kr", "windows-949"},
    {"eucjp-ms", "euc-jp"},
    {"eucjp-win", "euc-jp"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"iso-2022-jp-1", "iso-2022-jp"},
    {"iso-2022-jp-ms", "iso-2022-jp"},
    {"iso-8859-1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso8859-1", "windows-1252"},
    {"ks_c_5601-1987", "windows-949"},
    {"latin1", "windows-1252"},
    {"sjis-win", "windows-31j"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"unknown-8bit", "utf-8"},
    {"us-ascii", "utf-8"},
    {"utf8", "utf-8"},
    {"x-unknown", "utf-8"},
}};

std::string canonical_name(std::string_view charset) {
  std::string name = base::ascii_lower(base::trim(charset));
  const auto* const found = std::ranges::find(kAliases, std::string_view(name), [](const auto& a) { return a.first; });
  return found == kAliases.end() ? name : std::string(found->second);
}

std::unique_ptr<Decoder::Impl> make_decoder(std::string_view charset, OnInvalid on_invalid) {
  const std::string name = canonical_name(charset);
  if (name.empty() || name.size() > 64) return nullptr;
  if (name == "utf-8") return make_utf8_decoder(on_invalid);
  if (name == "iso-2022-jp") return make_iso2022jp_decoder(on_invalid);
  return make_icu_decoder(name, on_invalid);
}

/// Passes well-formed bytes through; holds back a character cut at the end of a piece.
class Utf8Decoder final : public Decoder::Impl {
 public:
  using Impl::Impl;

  base::Result<void> feed(std::string_view bytes, bool last, std::string& out) override {
    std::string joined;  // only where a character was cut, so at most once a piece
    if (!held_.empty()) {
      joined = std::exchange(held_, {});
      joined += bytes;
      bytes = joined;
    }
    if (start_ && !skip_mark(bytes, last)) return base::done;
    while (!bytes.empty()) {
      const std::size_t good = utf8_valid_prefix(bytes);
      out.append(bytes.substr(0, good));
      advance(bytes, good);
      if (bytes.empty()) break;
      if (!last && utf8_incomplete(bytes)) {
        held_ = bytes;
        break;
      }
      if (auto r = invalid(offset_, out); !r) return r;
      advance(bytes, 1);
    }
    return base::done;
  }

 private:
  void advance(std::string_view& bytes, std::size_t n) {
    bytes.remove_prefix(n);
    offset_ += n;
  }

  /// False: not enough bytes yet to know.
  bool skip_mark(std::string_view& bytes, bool last) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (!last && bytes.size() < kMark.size() && kMark.starts_with(bytes)) {
      held_ = bytes;
      return false;
    }
    if (bytes.starts_with(kMark)) advance(bytes, kMark.size());
    start_ = false;
    return true;
  }

  std::string held_;  // at most three bytes
  std::uint64_t offset_ = 0;
  bool start_ = true;
};

}  // namespace

base::Result<void> Decoder::Impl::invalid(std::uint64_t offset, std::string& out) {
  if (on_invalid_ == OnInvalid::replace) {
    utf8_append(out, kReplacement);
    return base::done;
  }
  failed_at_ = offset;
  return base::Error{base::ErrorCode::invalid, "these bytes are no character in the given charset",
                     "check the file's charset, or let such bytes be replaced", "byte " + std::to_string(offset)};
}

std::unique_ptr<Decoder::Impl> make_utf8_decoder(OnInvalid on_invalid) {
  return std::make_unique<Utf8Decoder>(on_invalid);
}

Decoder::Decoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

base::Result<Decoder> Decoder::open(std::string_view charset, OnInvalid on_invalid) {
  auto impl = make_decoder(charset, on_invalid);
  if (!impl) {
    return base::Error{base::ErrorCode::not_found, "unknown charset \"" + utf8_scrub(charset.substr(0, 64)) + "\"",
                       "name one such as UTF-8, Shift_JIS, EUC-JP or ISO-2022-JP", ""};
  }
  return Decoder(std::move(impl));
}

base::Result<void> Decoder::feed(std::string_view bytes, std::string& out) { return impl_->feed(bytes, false, out); }
base::Result<void> Decoder::finish(std::string& out) { return impl_->feed({}, true, out); }
std::uint64_t Decoder::failed_at() const { return impl_->failed_at(); }

base::Result<std::string> decode(std::string_view bytes, std::string_view charset, OnInvalid on_invalid) {
  auto decoder = Decoder::open(charset, on_invalid);
  if (!decoder) return std::move(decoder).error();
  std::string out;
  if (auto r = decoder->feed(bytes, out); !r) return std::move(r).error();
  if (auto r = decoder->finish(out); !r) return std::move(r).error();
  return out;
}

bool charset_known(std::string_view charset) { return make_decoder(charset, OnInvalid::replace) != nullptr; }

}  // namespace todoku::mail
