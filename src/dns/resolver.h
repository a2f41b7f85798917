// DNS as mail needs it: mail hosts of a domain in the order to try them, TXT, TLSA and PTR records.
//
// Every outcome is a value: that a domain does not exist is an answer, and told apart from not having got one. Answers
// are cached by the resolver for as long as they say.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/runtime.h"
#include "net/task.h"
#include "net/tls_peer.h"

namespace todoku::dns {

enum class Status : std::uint8_t {
  ok,
  no_domain,       // NXDOMAIN
  no_data,         // the name exists, but has no record of the type asked for
  null_mx,         // the domain says that it takes no mail (RFC 7505)
  bad_name,        // not a domain name
  server_failure,  // SERVFAIL, REFUSED, or servers that cannot be reached
  timeout,
  bogus,      // DNSSEC says the answer is forged
  cancelled,  // this side is closing
};
[[nodiscard]] std::string_view to_string(Status status);
/// Whether the same question may be answered otherwise later.
[[nodiscard]] constexpr bool temporary(Status s) { return s >= Status::server_failure; }

struct MailHost {
  int preference = 0;
  std::string name;                    // lower case, no final dot
  std::vector<std::string> addresses;  // IPv4 first; at least one
  bool secure = false;                 // addresses and MX are validated by DNSSEC
  std::string canonical = {};          // where the name is an alias (CNAME): what it stands for
};

struct MailHosts {
  Status status = Status::ok;
  std::string detail;           // words for a failure, "mx.example.jp: no such domain"
  bool implicit = false;        // no MX record: the domain's own addresses
  std::vector<MailHost> hosts;  // best first, equals shuffled; not empty where ok
};

template <class Record>
struct Records {
  Status status = Status::ok;
  bool secure = false;  // validated by DNSSEC, the absence of records included
  std::vector<Record> records;
  std::string canonical = {};  // what an alias (CNAME) asked for stands for; else empty
};

using TlsaRecord = net::TlsaRecord;

class Resolver {
 public:
  virtual ~Resolver() = default;

  /// Whom to send a domain's mail to (RFC 5321 section 5.1): its MX hosts with their addresses, else its own addresses.
  /// `domain` as A-labels, or an address literal "[192.0.2.1]". Hosts without an address are left out.
  [[nodiscard]] virtual net::Task<MailHosts> mail_hosts(std::string domain) = 0;
  /// IPv4 and IPv6 addresses in numbers, IPv4 first.
  [[nodiscard]] virtual net::Task<Records<std::string>> addresses(std::string name) = 0;
  /// Each record's strings joined.
  [[nodiscard]] virtual net::Task<Records<std::string>> txt(std::string name) = 0;
  /// Name as in RFC 6698, "_25._tcp.mx.example.jp".
  [[nodiscard]] virtual net::Task<Records<TlsaRecord>> tlsa(std::string name) = 0;
  /// Names of an address given in numbers.
  [[nodiscard]] virtual net::Task<Records<std::string>> ptr(std::string address) = 0;
};

struct ResolverOptions {
  // Recursive servers, or, in a closed lab, authoritative ones that hold every zone; "ip" or "ip@port". Empty: the
  // system's.
  std::vector<std::string> servers;
  std::string trust_anchor_file;          // empty: no DNSSEC validation
  base::Duration limit{20'000};           // for one question
  std::function<std::uint64_t()> random;  // thread-safe; shuffles equal preferences. Empty: a real one
  std::optional<bool> ipv6 = {};          // ask for AAAA; else where this machine has a way to the IPv6 internet
};

/// Over libunbound, with its thread and cache. Errors: a server or file that it does not take.
[[nodiscard]] base::Result<std::unique_ptr<Resolver>> make_resolver(net::Runtime& runtime, ResolverOptions options);

}  // namespace todoku::dns
