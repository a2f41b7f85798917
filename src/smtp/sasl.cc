#include "smtp/sasl.h"

#include <cstdint>

namespace todoku::smtp {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto byte = [&](std::size_t k) -> std::uint32_t {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0;
    };
    auto group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += kAlphabet[group >> 18];
    out += kAlphabet[group >> 12 & 63];
    out += i + 1 < bytes.size() ? kAlphabet[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kAlphabet[group & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    auto value = kAlphabet.find(c);
    if (value == kAlphabet.npos) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(group >> bits & 0xff);
  }
  return out;
}

std::string plain_response(const Credentials& credentials) {
  std::string text;
  text += '\0';
  text += credentials.user;
  text += '\0';
  text += credentials.password.reveal();
  return base64(text);
}

std::optional<Credentials> parse_plain_response(std::string_view response) {
  auto text = from_base64(response);
  if (!text) return std::nullopt;
  auto first = text->find('\0');
  auto second = first == text->npos ? text->npos : text->find('\0', first + 1);
  if (second == text->npos || second == first + 1) return std::nullopt;
  return Credentials{text->substr(first + 1, second - first - 1), base::Secret(text->substr(second + 1))};
}

}  // namespace todoku::smtp
