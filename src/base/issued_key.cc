#include "base/issued_key.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/ascii.h"

namespace todoku::base {
namespace {

constexpr std::size_t kSecretBytes = 32, kLongestName = 64;

}  // namespace

bool is_key_name(std::string_view name) {
  const auto fits = [](char c) { return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, fits);
}

std::string new_key_secret(std::string_view prefix) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of randomness");
  std::array<unsigned char, kSecretBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, kSecretBytes * 2> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(bytes.data(), bytes.size());
  return std::string(prefix) + text.data();
}

}  // namespace todoku::base
