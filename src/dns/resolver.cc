#include "dns/resolver.h"

#include <algorithm>
#include <optional>
#include <random>

#include "base/ascii.h"
#include "dns/mail_hosts.h"
#include "dns/rdata.h"
#include "dns/unbound.h"
#include "net/ipv6_route.h"

namespace todoku::dns {
namespace {

// Of a domain with dozens of mail hosts, the first few are enough to try, as Postfix does.
constexpr std::size_t kHostsResolved = 8;

std::uint64_t real_random() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return engine();
}

template <class Record>
Records<Record> parsed(const Answer& answer, std::optional<Record> (*parse)(std::string_view)) {
  Records<Record> out{answer.status, answer.secure, {}, answer.canonical};
  for (const auto& rdata : answer.rdata)
    if (auto record = parse(rdata)) out.records.push_back(std::move(*record));
  if (out.status == Status::ok && out.records.empty()) out.status = Status::no_data;
  return out;
}

// The addresses of one name: two questions that are under way together, where IPv6 is of use.
struct AddressQuestions {
  std::string name;
  Question v4;
  std::optional<Question> v6;
};

Records<std::string> joined(Records<std::string> v4, Records<std::string> v6) {
  if (v4.status != Status::ok) std::swap(v4, v6);
  if (v6.status == Status::ok) {
    v4.records.insert(v4.records.end(), v6.records.begin(), v6.records.end());
    v4.secure = v4.secure && v6.secure;
  } else if (v4.status != Status::ok && temporary(v6.status)) {
    v4.status = v6.status;  // what may be answered later outweighs "there is none of the other kind"
  }
  return v4;
}

class UnboundResolver final : public Resolver {
 public:
  UnboundResolver(std::unique_ptr<Unbound> unbound, ResolverOptions options)
      : unbound_(std::move(unbound)), options_(std::move(options)) {
    if (!options_.random) options_.random = real_random;
  }

  net::Task<MailHosts> mail_hosts(std::string domain) override;
  net::Task<Records<std::string>> addresses(std::string name) override;
  net::Task<Records<std::string>> txt(std::string name) override {
    co_return parsed<std::string>(co_await answer(std::move(name), Type::txt), parse_txt);
  }
  net::Task<Records<TlsaRecord>> tlsa(std::string name) override {
    co_return parsed<TlsaRecord>(co_await answer(std::move(name), Type::tlsa), parse_tlsa);
  }
  net::Task<Records<std::string>> ptr(std::string address) override {
    auto name = reverse_name(address);
    if (!name) co_return Records<std::string>{Status::bad_name, false, {}};
    co_return parsed<std::string>(co_await answer(std::move(*name), Type::ptr), parse_name);
  }

 private:
  net::Task<Answer> answer(std::string name, Type type) {
    Answer bad;
    bad.status = Status::bad_name;
    if (!is_domain_name(name)) co_return bad;
    co_return co_await unbound_->ask(name, type).answer(options_.limit);
  }
  AddressQuestions ask_addresses(const std::string& name) {
    AddressQuestions asked{name, unbound_->ask(name, Type::a), {}};
    if (options_.ipv6.value_or(ipv6_.here())) asked.v6 = unbound_->ask(name, Type::aaaa);
    return asked;
  }
  net::Task<Records<std::string>> wait_for(AddressQuestions asked) {
    auto v4 = parsed<std::string>(co_await asked.v4.answer(options_.limit), parse_address);
    // A host that has IPv6 alone exists, even where it cannot be reached from here.
    if (!asked.v6 && v4.status == Status::no_data) asked.v6 = unbound_->ask(asked.name, Type::aaaa);
    if (!asked.v6) co_return v4;
    auto v6 = parsed<std::string>(co_await asked.v6->answer(options_.limit), parse_address);
    co_return joined(std::move(v4), std::move(v6));
  }
  net::Task<MailHosts> own_addresses(std::string domain);
  net::Task<MailHosts> resolve_hosts(std::vector<MxRecord> records, bool secure);

  std::unique_ptr<Unbound> unbound_;
  ResolverOptions options_;
  net::Ipv6Route ipv6_;
};

MailHosts literal(std::string_view text) {
  MailHosts found;
  text = text.substr(1, text.size() - 2);
  if (base::istarts_with(text, "IPv6:")) text.remove_prefix(5);
  std::string address(text);
  if (reverse_name(address))
    found.hosts.push_back({0, "[" + address + "]", {address}, false});
  else
    found.status = Status::bad_name;
  return found;
}

net::Task<Records<std::string>> UnboundResolver::addresses(std::string name) {
  if (!is_domain_name(name)) co_return Records<std::string>{Status::bad_name, false, {}};
  co_return co_await wait_for(ask_addresses(name));
}

net::Task<MailHosts> UnboundResolver::mail_hosts(std::string domain) {
  if (domain.starts_with('[') && domain.ends_with(']') && domain.size() > 2) co_return literal(domain);
  auto mx = parsed<MxRecord>(co_await answer(domain, Type::mx), parse_mx);
  if (mx.status == Status::no_data) co_return co_await own_addresses(std::move(domain));
  MailHosts failed;
  failed.status = mx.status == Status::ok && is_null_mx(mx.records) ? Status::null_mx : mx.status;
  failed.detail = domain + ": " + std::string(to_string(failed.status));
  if (failed.status != Status::ok) co_return failed;
  co_return co_await resolve_hosts(in_order(std::move(mx.records), options_.random), mx.secure);
}

net::Task<MailHosts> UnboundResolver::own_addresses(std::string domain) {
  auto own = co_await addresses(domain);
  MailHosts found;
  found.implicit = true;
  found.status = own.status;
  if (own.status == Status::ok)
    found.hosts.push_back({0, base::ascii_lower(domain), std::move(own.records), own.secure});
  else
    found.detail = domain + ": no mail host and no address (" + std::string(to_string(own.status)) + ")";
  co_return found;
}

net::Task<MailHosts> UnboundResolver::resolve_hosts(std::vector<MxRecord> records, bool secure) {
  std::erase_if(records, [](const MxRecord& record) { return !is_domain_name(record.host); });
  if (records.size() > kHostsResolved) records.resize(kHostsResolved);
  std::vector<AddressQuestions> asked;
  asked.reserve(records.size());
  for (const auto& record : records) asked.push_back(ask_addresses(record.host));
  MailHosts found;
  found.status = Status::no_data;
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto own = co_await wait_for(std::move(asked[i]));
    if (own.status == Status::ok) {
      found.hosts.push_back({records[i].preference, std::move(records[i].host), std::move(own.records),
                             secure && own.secure, std::move(own.canonical)});
      continue;
    }
    found.detail += (found.detail.empty() ? "" : ", ") + records[i].host + ": " + std::string(to_string(own.status));
    if (temporary(own.status)) found.status = own.status;
  }
  if (!found.hosts.empty()) found.status = Status::ok;
  co_return found;
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::no_domain:
      return "no such domain";
    case Status::no_data:
      return "no such record";
    case Status::null_mx:
      return "the domain takes no mail";
    case Status::bad_name:
      return "not a domain name";
    case Status::server_failure:
      return "the domain's name servers fail";
    case Status::timeout:
      return "the domain's name servers do not answer";
    case Status::bogus:
      return "forged answer (DNSSEC)";
    case Status::cancelled:
      break;
  }
  return "cancelled";
}

base::Result<std::unique_ptr<Resolver>> make_resolver(net::Runtime& runtime, ResolverOptions options) {
  auto unbound = Unbound::start(runtime, options);
  if (!unbound) return std::move(unbound).error();
  return std::unique_ptr<Resolver>(std::make_unique<UnboundResolver>(std::move(*unbound), std::move(options)));
}

}  // namespace todoku::dns
