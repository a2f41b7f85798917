// A name server for tests: answers from a table over UDP and TCP on loopback, authoritative for everything. It can
// refuse, stay silent, and truncate. In a header alone, so that no program carries it.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/ascii.h"
#include "dns/fake_signer.h"

namespace todoku::dns {

class FakeNameServer {
 public:
  FakeNameServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    // The TCP port is taken first; the chance that UDP's twin is in use is small, and loud.
    if (bind(tcp_, generic, size) != 0 || listen(tcp_, 16) != 0 || getsockname(tcp_, generic, &size) != 0 ||
        bind(udp_, generic, size) != 0)
      throw std::runtime_error("no port for the fake name server");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~FakeNameServer() {
    stop_ = true;
    thread_.join();
    close(udp_);
    close(tcp_);
  }
  FakeNameServer(const FakeNameServer&) = delete;
  FakeNameServer& operator=(const FakeNameServer&) = delete;

  /// As libunbound writes it.
  [[nodiscard]] std::string at() const { return "127.0.0.1@" + std::to_string(port_); }

  void mx(const std::string& name, int preference, const std::string& host) {
    add(name, 15, std::string{static_cast<char>(preference >> 8), static_cast<char>(preference)} + wire(host));
  }
  void a(const std::string& name, const char* address) { add_address(name, 1, AF_INET, address, 4); }
  void aaaa(const std::string& name, const char* address) { add_address(name, 28, AF_INET6, address, 16); }
  void cname(const std::string& name, const std::string& target) { add(name, 5, wire(target)); }
  void ptr(const std::string& name, const std::string& host) { add(name, 12, wire(host)); }
  void txt(const std::string& name, const std::vector<std::string>& strings) {
    std::string rdata;
    for (const auto& s : strings) rdata += static_cast<char>(s.size()) + s;
    add(name, 16, rdata);
  }
  void add(const std::string& name, int type, const std::string& rdata) {
    std::lock_guard lock(mutex_);
    records_[base::ascii_lower(name)][type].push_back(rdata);
  }
  /// Every question for the name gets this response code (2 SERVFAIL, 5 REFUSED).
  void fail(const std::string& name, int rcode) { set(name, rcode); }
  void stay_silent(const std::string& name) { set(name, kSilent); }
  /// Only "ask those who know", as from a server that does not recurse.
  void refer(const std::string& name) { set(name, kReferral); }
  /// Over UDP only a "ask again by TCP".
  void truncate(const std::string& name) { set(name, kTruncated); }
  [[nodiscard]] int questions() const { return questions_; }
  /// From now on what is in this zone is signed; the trust anchor goes into a file.
  void sign(const std::string& zone, const std::string& anchor_file) {
    std::lock_guard lock(mutex_);
    signer_ = std::make_unique<FakeSigner>(zone, wire(zone));
    signer_->write_anchor(anchor_file);
    records_[zone][FakeSigner::kDnskey] = {signer_->dnskey()};
  }
  /// Its records are not what was signed.
  void forge(const std::string& name) { set(name, kForged); }

 private:
  static constexpr int kSilent = -1, kTruncated = -2, kReferral = -3, kForged = -4;

  static std::string wire(std::string_view name) {
    std::string out;
    while (!name.empty() && name != ".") {
      auto dot = std::min(name.find('.'), name.size());
      out += static_cast<char>(dot);
      out += name.substr(0, dot);
      name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return out + '\0';
  }
  static std::string number(std::size_t value, int bytes) {
    std::string out;
    while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
    return out;
  }
  static std::string record(const std::string& owner, int type, const std::string& rdata) {
    return wire(owner) + number(static_cast<std::size_t>(type), 2) + number(1, 2) + number(60, 4) +
           number(rdata.size(), 2) + rdata;
  }

  void set(const std::string& name, int behaviour) {
    std::lock_guard lock(mutex_);
    behaviour_[name] = behaviour;
  }
  void add_address(const std::string& name, int type, int family, const char* text, std::size_t size) {
    std::array<char, 16> bytes{};
    if (inet_pton(family, text, bytes.data()) != 1) throw std::invalid_argument(text);
    add(name, type, std::string(bytes.data(), size));
  }

  struct Found {
    std::string answers;
    std::size_t count = 0;
    bool exists = false;
  };
  Found find(std::string name, int type) {
    Found found;
    for (int hops = 0; hops < 10; ++hops) {
      auto node = records_.find(name);
      found.exists = node != records_.end();
      // A name with something below it exists, without records of its own.
      for (const auto& [other, unused] : records_) found.exists = found.exists || other.ends_with("." + name);
      if (node == records_.end()) return found;
      for (const auto& rdata : node->second[type]) found.answers += record(name, type, rdata), ++found.count;
      auto& aliases = node->second[5];
      if (found.count > 0 || aliases.empty() || type == 5) return found;
      found.answers += record(name, 5, aliases.front());
      ++found.count;
      name = text(aliases.front());
      if (!node->second[type].empty()) return found;
    }
    return found;
  }
  static std::string text(std::string_view wire_name) {
    std::string out;
    for (std::size_t i = 0; i < wire_name.size() && wire_name[i] != 0;) {
      auto length = static_cast<unsigned char>(wire_name[i]);
      out += (out.empty() ? "" : ".") + base::ascii_lower(wire_name.substr(i + 1, length));
      i += length + 1U;
    }
    return out;
  }

  std::string reply(std::string_view query, bool tcp) {
    std::lock_guard lock(mutex_);
    if (query.size() < 17) return {};
    ++questions_;
    auto end = query.find('\0', 12);
    auto question = query.substr(12, end + 5 - 12);
    auto name = text(question);
    int type = static_cast<unsigned char>(question[question.size() - 4]) * 256 +
               static_cast<unsigned char>(question[question.size() - 3]);
    auto behaviour = behaviour_.contains(name) ? behaviour_[name] : 0;
    if (behaviour == kSilent) return {};
    if (behaviour == kReferral) {
      return std::string(query.substr(0, 2)) + static_cast<char>(0x80 | (query[2] & 1)) + '\0' + number(1, 2) +
             number(0, 2) + number(1, 2) + number(0, 2) + std::string(question) + record(name, 2, wire("ns." + name));
    }
    if (signer_ && signer_->covers(name)) return signed_reply(query, question, name, type, behaviour == kForged);
    Found found;
    bool truncated = behaviour == kTruncated && !tcp;
    if (behaviour <= 0 && !truncated) found = find(name, type);
    int rcode = behaviour > 0 ? behaviour : found.exists || truncated || name.empty() ? 0 : 3;
    std::string out(query.substr(0, 2));
    out += static_cast<char>(0x84 | (truncated ? 2 : 0) | (query[2] & 1));  // answer, authoritative
    out += static_cast<char>(0x80 | rcode);
    bool soa = found.count == 0 && rcode != 2 && rcode != 5;
    out += number(1, 2) + number(found.count, 2) + number(soa ? 1 : 0, 2) + number(0, 2);
    out += question;
    out += found.answers;
    if (soa)
      out += record("", 6, wire("ns.test") + wire("root.test") + number(1, 4) + std::string(12, '\0') + number(60, 4));
    return out;
  }

  std::string signed_set(const std::string& owner, int type, const std::vector<std::string>& rdata, bool forged) {
    auto signature = signer_->rrsig(wire(owner), type, 60, rdata);
    if (forged) signature.back() = static_cast<char>(signature.back() ^ 1);
    std::string out;
    for (const auto& data : rdata) out += record(owner, type, data);
    return out + record(owner, FakeSigner::kRrsig, signature);
  }
  std::string signed_reply(std::string_view query, std::string_view question, const std::string& name, int type,
                           bool forged) {
    const auto& node = records_[name];
    const auto found = node.find(type);
    std::string sections;
    std::size_t answers = 0, denials = 0;
    if (found != node.end() && !found->second.empty()) {
      sections = signed_set(name, type, found->second, forged);
      answers = found->second.size() + 1;
    } else {
      std::set<int> types;
      for (const auto& [other, rdata] : node)
        if (!rdata.empty()) types.insert(other);
      const auto soa = wire("ns.test") + wire("root.test") + number(1, 4) + std::string(12, '\0') + number(60, 4);
      sections = signed_set(signer_->zone(), FakeSigner::kSoa, {soa}, false) +
                 signed_set(name, FakeSigner::kNsec, {FakeSigner::nsec(wire(name), types)}, forged);
      denials = 4;
    }
    const std::string opt = std::string("\0\0\51\20\0\0\0\x80\0\0\0", 11);  // EDNS, DNSSEC understood
    return std::string(query.substr(0, 2)) + static_cast<char>(0x84 | (query[2] & 1)) + '\x80' + number(1, 2) +
           number(answers, 2) + number(denials, 2) + number(1, 2) + std::string(question) + sections + opt;
  }

  void run() {
    while (!stop_) {
      std::array<pollfd, 2> ready{{{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
      if (poll(ready.data(), ready.size(), 20) <= 0) continue;
      if (ready[0].revents & POLLIN) over_udp();
      if (ready[1].revents & POLLIN) over_tcp();
    }
  }
  void over_udp() {
    std::array<char, 4096> buffer;
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* generic = reinterpret_cast<sockaddr*>(&from);
    auto got = recvfrom(udp_, buffer.data(), buffer.size(), 0, generic, &size);
    if (got <= 0) return;
    auto out = reply({buffer.data(), static_cast<std::size_t>(got)}, false);
    if (!out.empty()) (void)sendto(udp_, out.data(), out.size(), 0, generic, size);
  }
  void over_tcp() {
    int peer = accept(tcp_, nullptr, nullptr);
    std::array<char, 4096> buffer;
    auto got = recv(peer, buffer.data(), buffer.size(), 0);
    auto out = got > 2 ? reply({buffer.data() + 2, static_cast<std::size_t>(got) - 2}, true) : std::string();
    out = number(out.size(), 2) + out;
    (void)send(peer, out.data(), out.size(), MSG_NOSIGNAL);
    close(peer);
  }

  int udp_ = socket(AF_INET, SOCK_DGRAM, 0);
  int tcp_ = socket(AF_INET, SOCK_STREAM, 0);
  int port_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::map<int, std::vector<std::string>>> records_;
  std::map<std::string, int> behaviour_;
  std::unique_ptr<FakeSigner> signer_;
  std::atomic<int> questions_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace todoku::dns
