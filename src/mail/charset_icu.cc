#include "mail/charset_icu.h"

#include <array>
#include <cstring>
#include <span>

#include "mail/charset_decoder.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

class IcuDecoder final : public Decoder::Impl {
 public:
  IcuDecoder(Converter converter, OnInvalid on_invalid) : Impl(on_invalid), converter_(std::move(converter)) {}

  base::Result<void> feed(std::string_view bytes, bool last, std::string& out) override {
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    while (true) {
      UChar* target = buffer_.data();
      const char* const before = source;
      UErrorCode status = U_ZERO_ERROR;
      ucnv_toUnicode(converter_.get(), &target, buffer_.data() + buffer_.size(), &source, end, nullptr,
                     static_cast<UBool>(last), &status);
      offset_ += static_cast<std::uint64_t>(source - before);
      append({buffer_.data(), target}, out);
      if (U_SUCCESS(status)) break;
      if (status == U_BUFFER_OVERFLOW_ERROR) continue;
      if (auto r = refuse(out); !r) return r;
      if (source == end && status == U_TRUNCATED_CHAR_FOUND) break;
    }
    if (last) flush_surrogate(out);
    return base::done;
  }

 private:
  /// The offending bytes were taken already: their beginning lies so many bytes back.
  base::Result<void> refuse(std::string& out) {
    std::array<char, 32> bad{};
    auto length = static_cast<std::int8_t>(bad.size());
    UErrorCode status = U_ZERO_ERROR;
    ucnv_getInvalidChars(converter_.get(), bad.data(), &length, &status);
    const auto back = static_cast<std::uint64_t>(U_SUCCESS(status) && length > 0 ? length : 0);
    flush_surrogate(out);
    return invalid(offset_ >= back ? offset_ - back : 0, out);
  }

  void append(std::span<const UChar> units, std::string& out) {
    for (const UChar unit : units) {
      if (pending_ != 0 && U16_IS_TRAIL(unit)) {
        utf8_append(out, static_cast<char32_t>(U16_GET_SUPPLEMENTARY(pending_, unit)));
        pending_ = 0;
        continue;
      }
      flush_surrogate(out);
      if (U16_IS_LEAD(unit)) {
        pending_ = unit;
      } else if (unit != 0xFEFF || !start_) {
        utf8_append(out, unit);
      }
      start_ = false;
    }
  }

  void flush_surrogate(std::string& out) {
    if (pending_ != 0) utf8_append(out, kReplacement);
    pending_ = 0;
  }

  Converter converter_;
  std::uint64_t offset_ = 0;
  UChar pending_ = 0;  // a lead surrogate whose trail is in the next buffer
  bool start_ = true;
  std::array<UChar, 4096> buffer_{};
};

}  // namespace

Converter open_converter(const std::string& charset) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(charset.c_str(), &status));
  if (U_FAILURE(status)) return nullptr;
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  if (U_FAILURE(status)) return nullptr;
  return converter;
}

std::unique_ptr<Decoder::Impl> make_icu_decoder(const std::string& charset, OnInvalid on_invalid) {
  auto converter = open_converter(charset);
  if (!converter) return nullptr;
  return std::make_unique<IcuDecoder>(std::move(converter), on_invalid);
}

}  // namespace todoku::mail
