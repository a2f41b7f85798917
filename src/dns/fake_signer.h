// Signs the answers of a FakeNameServer as DNSSEC has it (RFC 4034): one zone, one ECDSA P-256 key. What does not exist
// is denied by an NSEC record at the very name. In a header alone, so that no program carries it.
#pragma once
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::dns {

class FakeSigner {
 public:
  static constexpr int kSoa = 6, kRrsig = 46, kNsec = 47, kDnskey = 48;

  /// `zone` and its name as in a message.
  FakeSigner(std::string zone, std::string zone_wire)
      : zone_(std::move(zone)), zone_wire_(std::move(zone_wire)), key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {}

  [[nodiscard]] const std::string& zone() const { return zone_; }
  [[nodiscard]] bool covers(std::string_view name) const {
    return name == zone_ || (name.size() > zone_.size() && name.ends_with("." + zone_));
  }

  /// Flags 257 (a key-signing key), protocol 3, algorithm 13, the point.
  [[nodiscard]] std::string dnskey() const {
    std::string point(65, '\0');
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, bytes(point), point.size(), &size) != 1 ||
        size != 65)
      throw std::runtime_error("no public key");
    return std::string("\1\1\3\15", 4) + point.substr(1);
  }

  /// As a file for ResolverOptions::trust_anchor_file.
  void write_anchor(const std::string& path) const {
    std::string text(100, '\0');
    const std::string point = dnskey().substr(4);
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        bytes(text), reinterpret_cast<const unsigned char*>(point.data()), static_cast<int>(point.size()))));
    std::ofstream(path) << zone_ << ". IN DNSKEY 257 3 13 " << text << "\n";
  }

  /// The RRSIG's data over records of one owner and type with this TTL.
  [[nodiscard]] std::string rrsig(std::string_view owner_wire, int type, std::uint32_t ttl,
                                  std::vector<std::string> rdata) const {
    const auto now = static_cast<std::uint32_t>(std::time(nullptr));
    std::string head = number(static_cast<std::uint32_t>(type), 2) + '\15' + labels(owner_wire) + number(ttl, 4) +
                       number(now + 86'400, 4) + number(now - 86'400, 4) + number(key_tag(), 2) + zone_wire_;
    std::string text = head;
    std::ranges::sort(rdata);
    for (const auto& data : rdata) {
      text += std::string(owner_wire) + number(static_cast<std::uint32_t>(type), 2) + number(1, 2) + number(ttl, 4) +
              number(static_cast<std::uint32_t>(data.size()), 2) + data;
    }
    return head + signature(text);
  }

  /// NSEC's data: the name has these types and no others.
  [[nodiscard]] static std::string nsec(std::string_view owner_wire, std::set<int> types) {
    types.insert({kRrsig, kNsec});
    std::string bits(static_cast<std::size_t>(*types.rbegin() / 8 + 1), '\0');
    for (const int type : types) {
      auto& byte = bits[static_cast<std::size_t>(type / 8)];
      byte = static_cast<char>(byte | 0x80 >> type % 8);
    }
    return std::string("\1\0", 2) + std::string(owner_wire) + '\0' + static_cast<char>(bits.size()) + bits;
  }

 private:
  static unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
  static std::string number(std::uint32_t value, int size) {
    std::string out;
    while (size-- > 0) out += static_cast<char>(value >> (8 * size));
    return out;
  }
  static char labels(std::string_view wire) {
    char count = 0;
    for (std::size_t at = 0; wire[at] != 0; at += static_cast<unsigned char>(wire[at]) + 1U) ++count;
    return count;
  }
  /// RFC 4034 appendix B.
  [[nodiscard]] std::uint32_t key_tag() const {
    std::uint32_t sum = 0;
    const std::string data = dnskey();
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::uint32_t byte = static_cast<unsigned char>(data[i]);
      sum += i % 2 == 0 ? byte << 8 : byte;
    }
    return (sum + (sum >> 16)) & 0xffff;
  }
  /// Two numbers of 32 bytes (RFC 6605), out of the DER that OpenSSL makes.
  [[nodiscard]] std::string signature(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string der(128, '\0');
    std::size_t size = der.size();
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), bytes(der), &size, reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) != 1)
      throw std::runtime_error("not signed");
    const auto* in = bytes(der);
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(size)), ECDSA_SIG_free);
    std::string raw(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes(raw), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes(raw) + 32, 32);
    return raw;
  }

  std::string zone_, zone_wire_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace todoku::dns
