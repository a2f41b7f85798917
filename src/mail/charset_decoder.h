// The inside of Decoder: one Impl for each way of decoding.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "mail/charset.h"

namespace todoku::mail {

class Decoder::Impl {
 public:
  explicit Impl(OnInvalid on_invalid) : on_invalid_(on_invalid) {}
  virtual ~Impl() = default;
  /// `last`: no more bytes come.
  virtual base::Result<void> feed(std::string_view bytes, bool last, std::string& out) = 0;
  [[nodiscard]] std::uint64_t failed_at() const { return failed_at_; }

 protected:
  /// Writes U+FFFD and goes on, or is the error, as asked.
  base::Result<void> invalid(std::uint64_t offset, std::string& out);

 private:
  OnInvalid on_invalid_;
  std::uint64_t failed_at_ = 0;
};

std::unique_ptr<Decoder::Impl> make_utf8_decoder(OnInvalid on_invalid);
std::unique_ptr<Decoder::Impl> make_iso2022jp_decoder(OnInvalid on_invalid);
/// By ICU; null where ICU does not know the name.
std::unique_ptr<Decoder::Impl> make_icu_decoder(const std::string& charset, OnInvalid on_invalid);

}  // namespace todoku::mail
