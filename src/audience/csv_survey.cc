#include "audience/csv_survey.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>

#include "mail/charset.h"

namespace todoku::audience {
namespace {

constexpr std::size_t kSample = std::size_t{1} << 20;
constexpr std::string_view kJapanese = "windows-31j";

class Digest final : public ByteSink {
 public:
  Digest() { crypto_generichash_init(&state_, nullptr, 0, kBytes); }
  void bytes(std::string_view piece) override {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(piece.data()), piece.size());
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, kBytes> hash{};
    crypto_generichash_final(&state_, hash.data(), hash.size());
    std::string text(2 * kBytes + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
    return text;
  }

 private:
  static constexpr std::size_t kBytes = 16;
  crypto_generichash_state state_{};
};

struct Guess {
  std::string charset;
  bool only_ascii = false;  // the sample, which then says little
};

base::Result<Guess> guess_charset(const std::filesystem::path& path) {
  auto file = OpenFile::open(path);
  if (!file) return std::move(file).error();
  std::string sample(kSample, '\0');
  const auto got = file->read(sample);
  if (!got) return got.error();
  sample.resize(*got);
  const auto charset = mail::detect_charset(sample, file->size() > sample.size());
  // Where nothing fits, the reading as UTF-8 will say where it breaks.
  const bool ascii = std::ranges::none_of(sample, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return Guess{std::string(charset.value_or("utf-8")), ascii};
}

base::Result<CsvSurvey> read_through(const std::filesystem::path& path, const CsvFile::Format& format,
                                     const ReadProgress& progress, std::optional<std::uint64_t>& broken_byte) {
  Digest digest;
  auto file = CsvFile::open(path, format, &digest);
  if (!file) return std::move(file).error();
  CsvSurvey survey{.format = format, .first = {}, .records = 0, .size = file->size(), .digest = {}};
  CsvRecord record;
  std::uint64_t told = 0;
  for (;;) {
    const auto more = file->next(record);
    if (!more) {
      broken_byte = file->broken_byte();
      return more.error();
    }
    if (!*more) break;
    if (survey.records++ == 0) survey.first.assign(record.fields.begin(), record.fields.end());
    if (progress && file->bytes_read() != told) progress(told = file->bytes_read(), file->size());
  }
  if (survey.records == 0) {
    return base::Error{base::ErrorCode::invalid, "there is nothing in the file", "", path.filename().string()};
  }
  survey.format.delimiter = file->delimiter();
  survey.digest = digest.hex();
  return survey;
}

}  // namespace

base::Result<CsvSurvey> survey_csv(const std::filesystem::path& path, const CsvFile::Format& wanted,
                                   const ReadProgress& progress) {
  CsvFile::Format format = wanted;
  bool only_ascii = false;
  if (format.charset.empty()) {
    auto guess = guess_charset(path);
    if (!guess) return std::move(guess).error();
    format.charset = guess->charset;
    only_ascii = guess->only_ascii;
  }
  std::optional<std::uint64_t> broken_byte;
  auto survey = read_through(path, format, progress, broken_byte);
  // The first byte beyond ASCII may come after megabytes.
  if (!survey && broken_byte && only_ascii) {
    format.charset = kJapanese;
    auto again = read_through(path, format, progress, broken_byte);
    if (again) return again;
  }
  return survey;
}

}  // namespace todoku::audience
