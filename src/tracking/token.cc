#include "tracking/token.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "tracking/base32.h"

namespace todoku::tracking {
namespace {

constexpr std::size_t kMacSize = 8;

void append_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t n = 0;
  for (int shift = 0; shift < 63 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return n;
  }
  return std::nullopt;
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string mac(const TokenKey& key, Purpose purpose, std::string_view payload) {
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  const std::string signed_part = static_cast<char>(purpose) + std::string(payload);
  crypto_generichash(hash.data(), hash.size(), bytes(signed_part), signed_part.size(), bytes(key.secret.reveal()),
                     key.secret.reveal().size());
  return {reinterpret_cast<const char*>(hash.data()), kMacSize};
}

}  // namespace

Tokens::Tokens(std::vector<TokenKey> keys) : keys_(std::move(keys)) { assert(!keys_.empty()); }

std::string Tokens::sign(Purpose purpose, MailId mail) const {
  const TokenKey& key = keys_.back();
  std::string payload;
  append_varint(payload, key.id);
  append_varint(payload, static_cast<std::uint64_t>(mail.campaign.value));
  append_varint(payload, static_cast<std::uint64_t>(mail.contact.value));
  return to_base32(payload + mac(key, purpose, payload));
}

std::optional<MailId> Tokens::verify(Purpose purpose, std::string_view token) const {
  const std::optional<std::string> raw = from_base32(token);
  if (!raw || raw->size() <= kMacSize) return std::nullopt;
  const std::string_view payload = std::string_view(*raw).substr(0, raw->size() - kMacSize);
  std::string_view rest = payload;
  const auto key_id = take_varint(rest);
  const auto campaign = take_varint(rest);
  const auto contact = take_varint(rest);
  if (!key_id || !campaign || !contact || !rest.empty()) return std::nullopt;
  const auto key = std::ranges::find(keys_, *key_id, &TokenKey::id);
  if (key == keys_.end() || (purpose == Purpose::return_path && !key->return_paths)) return std::nullopt;
  const std::string expected = mac(*key, purpose, payload);
  if (sodium_memcmp(expected.data(), raw->data() + payload.size(), kMacSize) != 0) return std::nullopt;
  return MailId{{static_cast<std::int64_t>(*campaign)}, {static_cast<std::int64_t>(*contact)}};
}

}  // namespace todoku::tracking
