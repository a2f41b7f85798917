#include "net/public_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace todoku::net {
namespace {

struct Block4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0, std::uint32_t d = 0) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr Block4 kNotPublic4[] = {
    {v4(0, 0), 8},     {v4(10, 0), 8},         {v4(100, 64), 10},     {v4(127, 0), 8},       {v4(169, 254), 16},
    {v4(172, 16), 12}, {v4(192, 0, 0), 24},    {v4(192, 0, 2), 24},   {v4(192, 88, 99), 24}, {v4(192, 168), 16},
    {v4(198, 18), 15}, {v4(198, 51, 100), 24}, {v4(203, 0, 113), 24}, {v4(224, 0), 4},       {v4(240, 0), 4},
};

bool is_public4(std::uint32_t address) {
  return std::ranges::none_of(kNotPublic4,
                              [address](Block4 block) { return (address ^ block.network) >> (32 - block.bits) == 0; });
}

using Bytes = std::array<unsigned char, 16>;

std::uint32_t v4_at(const Bytes& bytes, std::size_t at) {
  return v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool starts_with(const Bytes& bytes, std::initializer_list<int> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin(), [](int p, unsigned char b) { return p == b; });
}

bool is_public6(const Bytes& bytes) {
  if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return is_public4(v4_at(bytes, 12));
  if (starts_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public4(v4_at(bytes, 12));  // NAT64
  if (starts_with(bytes, {0x20, 0x02})) return is_public4(v4_at(bytes, 2));                                    // 6to4
  if (starts_with(bytes, {0x20, 0x01, 0x0d, 0xb8})) return false;      // documentation
  if (starts_with(bytes, {0x20, 0x01}) && bytes[2] < 2) return false;  // Teredo and other protocols' own
  return (bytes[0] & 0xe0) == 0x20;                                    // 2000::/3: all that is given out
}

}  // namespace

bool is_public_address(const std::string& address) {
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return is_public4(ntohl(four.s_addr));
  Bytes bytes{};
  return inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1 && is_public6(bytes);
}

}  // namespace todoku::net
