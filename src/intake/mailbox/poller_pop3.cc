// The mailbox by POP3: by the mails' lasting names, one session a visit.
#include <algorithm>
#include <set>

#include "base/log.h"
#include "intake/mailbox/driver.h"
#include "intake/mailbox/poller.h"
#include "intake/mailbox/pop3_machine.h"
#include "intake/mailbox/state.h"

namespace todoku::intake::mailbox {
namespace {

constexpr std::size_t kChunk = 100;

/// What is to be done in this session.
struct Plan {
  std::vector<std::uint32_t> fetch, remove;
  std::vector<std::string> gone;  // seen, and no longer there
};

Plan plan_of(const std::vector<Pop3Machine::Listed>& listed, std::map<std::string, bool> seen, bool removing) {
  Plan plan;
  for (const auto& mail : listed) {
    const auto known = seen.find(mail.name);
    if (known == seen.end()) {
      plan.fetch.push_back(mail.number);
      continue;
    }
    if (removing && known->second) plan.remove.push_back(mail.number);
    seen.erase(known);
  }
  for (const auto& [name, removable] : seen) plan.gone.push_back(name);
  return plan;
}

}  // namespace

net::Task<Trouble> Poller::visit_pop3(Line& line, Login login) {
  Pop3Machine machine({.login = std::move(login), .tls = settings_.tls});
  co_await drive(machine, line);
  if (machine.trouble().any()) co_return machine.trouble();
  const auto seen = co_await net::offload(parts_.runtime, [this] { return find_seen(*parts_.store.read(), key_); });
  Plan plan = plan_of(machine.listed(), seen, settings_.after == After::remove);
  std::map<std::uint32_t, std::string> names;
  for (const auto& mail : machine.listed()) names.emplace(mail.number, mail.name);
  for (std::span<const std::uint32_t> left(plan.fetch); !left.empty();) {
    const auto chunk = left.first(std::min(kChunk, left.size()));
    left = left.subspan(chunk.size());
    Trouble trouble = co_await fetch_pop3(machine, line, chunk, names);
    if (trouble.any()) co_return trouble;
    if (parts_.runtime.closing()) co_return Trouble{Trouble::Kind::lost, "ending"};
  }
  if (!plan.gone.empty()) {
    co_await parts_.runtime.offload(
        [this, &plan] { parts_.store.write_now([&](store::Connection& db) { forget_seen(db, key_, plan.gone); }); });
  }
  line.stream.set_overall_limit(kOperationLimit);
  if (!plan.remove.empty()) {
    machine.remove(plan.remove);
    co_await drive(machine, line);
    if (machine.trouble().any()) co_return machine.trouble();
  }
  machine.quit();
  co_await drive(machine, line);
  if (!machine.trouble().any()) well();
  co_return machine.trouble();
}

net::Task<Trouble> Poller::fetch_pop3(Pop3Machine& machine, Line& line, std::span<const std::uint32_t> numbers,
                                      const std::map<std::uint32_t, std::string>& names) {
  line.stream.set_overall_limit(kOperationLimit);
  machine.retrieve(numbers);
  std::vector<std::uint32_t> removable;
  for (bool more = true; more;) {
    co_await drive(machine, line);
    if (machine.trouble().any()) co_return machine.trouble();
    more = machine.next() == Pop3Machine::Action::hand_over;
    std::vector<FetchedMail> mails = machine.take_mails();
    std::vector<Seen> taken;
    for (const FetchedMail& mail : mails) {
      taken.push_back({names.at(static_cast<std::uint32_t>(mail.number)), false});
    }
    std::set<std::string> may_go;
    for (const std::uint64_t number : co_await take(std::move(mails))) {
      may_go.insert(names.at(static_cast<std::uint32_t>(number)));
      removable.push_back(static_cast<std::uint32_t>(number));
    }
    for (Seen& mail : taken) mail.removable = may_go.contains(mail.name);
    co_await parts_.runtime.offload(
        [this, &taken] { parts_.store.write_now([&](store::Connection& db) { keep_seen(db, key_, taken); }); });
  }
  for (const std::uint32_t number : machine.refused()) {
    base::log::error("mailbox_mail_refused", {{"mailbox", settings_.name}, {"number", number}});
  }
  if (settings_.after != After::remove || removable.empty()) co_return Trouble();
  machine.remove(removable);
  co_await drive(machine, line);
  co_return machine.trouble();
}

}  // namespace todoku::intake::mailbox
