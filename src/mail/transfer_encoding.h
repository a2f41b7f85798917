// Content-Transfer-Encoding (RFC 2045 section 6): how bytes travel in lines of mail.
//
// Everything here writes CRLF line ends and lines of at most 76 characters (7bit: 998).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace todoku::mail {

enum class TransferEncoding : std::uint8_t { seven_bit, quoted_printable, base64 };

/// "7bit", "quoted-printable", "base64".
[[nodiscard]] std::string_view to_string(TransferEncoding encoding);

/// For text: 7bit where it is ASCII in lines of at most 998, else the shorter of the other two.
[[nodiscard]] TransferEncoding choose_encoding(std::string_view text);

/// The shorter of quoted-printable and base64 for this text.
[[nodiscard]] TransferEncoding shorter_encoding(std::string_view text);

/// Appends `text` with every line end (CRLF, LF or CR) as CRLF.
void append_crlf(std::string& out, std::string_view text);

/// Appends text in quoted-printable. Line ends (CRLF, LF or CR) become CRLF; the output begins in column 0. What ends
/// inside a line ends there too: write kSoftBreak before going on, and the two are one line to the reader.
void append_quoted_printable(std::string& out, std::string_view text);
inline constexpr std::string_view kSoftBreak = "=\r\n";

/// Appends bytes in base64, in lines of 76, each ended by CRLF.
void append_base64(std::string& out, std::string_view bytes);

/// Appends bytes in base64 without line ends.
void append_base64_unbroken(std::string& out, std::string_view bytes);

}  // namespace todoku::mail
