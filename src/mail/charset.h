// Text in any charset that mail and CSV files come in, as UTF-8.
//
// Names are those of IANA, of browsers and of Outlook ("Shift_JIS" means what Windows means by it: windows-31j;
// "iso-8859-1" is read as windows-1252, "gb2312" as GB18030, "euc-kr" as windows-949: supersets that senders write
// under those names). ISO-2022-JP is read with Microsoft's extensions: NEC's row 13, half-width kana, JIS X 0212. A
// byte order mark at the beginning is taken off. Output is always well-formed UTF-8, whatever came in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace todoku::mail {

/// What to do with bytes that mean nothing in the charset: fail with their offset, or write U+FFFD for them.
enum class OnInvalid : std::uint8_t { refuse, replace };

/// Decodes a stream piece by piece; a character may be cut anywhere. Not thread-safe. After a failure of feed() the
/// decoder must not be fed again.
class Decoder {
 public:
  /// not_found for a charset nobody knows.
  static base::Result<Decoder> open(std::string_view charset, OnInvalid on_invalid);
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  /// Appends what `bytes` mean to out. The error's `where` is "byte N", counted from 0 since the stream's beginning.
  base::Result<void> feed(std::string_view bytes, std::string& out);
  /// Ends the stream: a character cut off at the end is invalid.
  base::Result<void> finish(std::string& out);

  /// Offset of the byte that made feed() or finish() fail.
  [[nodiscard]] std::uint64_t failed_at() const;

  class Impl;  // one for each way of decoding; defined in the sources

 private:
  explicit Decoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Decodes the whole of `bytes`.
base::Result<std::string> decode(std::string_view bytes, std::string_view charset, OnInvalid on_invalid);

/// True where open() would find the charset.
[[nodiscard]] bool charset_known(std::string_view charset);

/// Guesses the charset of a file from its beginning: "utf-8" (also for plain ASCII), "windows-31j", "euc-jp",
/// "iso-2022-jp", or "utf-16" by its byte order mark. `cut` says that the sample ends where it ends by chance, perhaps
/// inside a character. Empty: none of these.
[[nodiscard]] std::optional<std::string_view> detect_charset(std::string_view sample, bool cut);

/// "windows-1251" or "koi8-r" where text that is neither UTF-8 nor Japanese reads as Cyrillic: words of nothing but
/// high letters, which Latin's accents never make. A guess for reading, not for keeping.
[[nodiscard]] std::optional<std::string_view> detect_cyrillic(std::string_view sample);

}  // namespace todoku::mail
