// The mailbox by IMAP: by UID, from where it was left, then waiting for news.
#include <algorithm>

#include "base/log.h"
#include "intake/mailbox/driver.h"
#include "intake/mailbox/imap_machine.h"
#include "intake/mailbox/poller.h"
#include "intake/mailbox/state.h"

namespace todoku::intake::mailbox {
namespace {

constexpr std::size_t kChunk = 100;  // mails in one FETCH, after which the place moves on
constexpr base::Duration kIdle = std::chrono::minutes(5);

}  // namespace

net::Task<Trouble> Poller::visit_imap(Line& line, Login login) {
  ImapMachine machine({.login = std::move(login),
                       .tls = settings_.tls,
                       .folder = settings_.folder,
                       .changes = settings_.after != After::keep});
  co_await drive(machine, line);
  if (machine.trouble().any()) co_return machine.trouble();
  for (;;) {
    Trouble trouble = co_await read_imap(machine, line);
    if (trouble.any()) co_return trouble;
    well();
    if (machine.news()) continue;
    if (!machine.can("IDLE") || parts_.runtime.closing()) break;
    trouble = co_await idle(machine, line);
    if (trouble.any()) co_return trouble;
  }
  machine.logout();
  co_await drive(machine, line);
  co_return Trouble();
}

/// All that is new.
net::Task<Trouble> Poller::read_imap(ImapMachine& machine, Line& line) {
  Place place = co_await net::offload(parts_.runtime, [this] { return find_place(*parts_.store.read(), key_); });
  if (place.validity != machine.validity()) place = {.validity = machine.validity(), .last_uid = 0};
  line.stream.set_overall_limit(kOperationLimit);
  machine.search(place.last_uid + 1);
  co_await drive(machine, line);
  if (machine.trouble().any()) co_return machine.trouble();
  if (!machine.refusal().empty()) co_return Trouble{Trouble::Kind::refused, "searching: " + machine.refusal()};
  std::vector<std::uint32_t> uids = machine.found();
  std::erase_if(uids, [&place](std::uint32_t uid) { return uid <= place.last_uid; });
  std::ranges::sort(uids);
  uids.erase(std::ranges::unique(uids).begin(), uids.end());
  for (std::span<const std::uint32_t> left(uids); !left.empty();) {
    const auto chunk = left.first(std::min(kChunk, left.size()));
    left = left.subspan(chunk.size());
    Trouble trouble = co_await fetch_imap(machine, line, chunk);
    if (trouble.any()) co_return trouble;
    place.last_uid = chunk.back();
    co_await parts_.runtime.offload(
        [this, &place] { parts_.store.write_now([&](store::Connection& db) { keep_place(db, key_, place); }); });
    if (parts_.runtime.closing()) co_return Trouble{Trouble::Kind::lost, "ending"};
  }
  co_return Trouble();
}

net::Task<Trouble> Poller::fetch_imap(ImapMachine& machine, Line& line, std::span<const std::uint32_t> uids) {
  std::vector<std::uint32_t> removable;
  line.stream.set_overall_limit(kOperationLimit);
  machine.fetch(uids);
  for (bool more = true; more;) {
    co_await drive(machine, line);
    if (machine.trouble().any()) co_return machine.trouble();
    more = machine.next() == ImapMachine::Action::hand_over;
    for (const std::uint64_t uid : co_await take(machine.take_mails())) {
      removable.push_back(static_cast<std::uint32_t>(uid));
    }
  }
  // One mail that the server cannot give must not hold up the others for ever.
  if (!machine.refusal().empty() && uids.size() > 1) {
    for (std::size_t i = 0; i < uids.size(); ++i) {
      Trouble trouble = co_await fetch_imap(machine, line, uids.subspan(i, 1));
      if (trouble.any()) co_return trouble;
    }
    co_return Trouble();
  }
  if (!machine.refusal().empty()) {
    base::log::error("mailbox_mail_refused",
                     {{"mailbox", settings_.name}, {"uid", uids.front()}, {"cause", machine.refusal()}});
  }
  co_return co_await clear_imap(machine, line, std::move(removable));
}

net::Task<Trouble> Poller::clear_imap(ImapMachine& machine, Line& line, std::vector<std::uint32_t> uids) {
  if (uids.empty() || settings_.after == After::keep) co_return Trouble();
  std::ranges::sort(uids);
  if (settings_.after == After::move) {
    machine.move(uids, settings_.move_to);
  } else {
    machine.remove(uids);
  }
  co_await drive(machine, line);
  if (machine.trouble().any()) co_return machine.trouble();
  if (machine.refusal().empty()) co_return Trouble();
  co_return Trouble{Trouble::Kind::refused, "mails cannot be moved or removed: " + machine.refusal()};
}

net::Task<Trouble> Poller::idle(ImapMachine& machine, Line& line) {
  line.stream.set_overall_limit(kIdle);
  machine.idle();
  const bool heard = co_await drive(machine, line, kIdle);
  if (!heard) {
    // Now and then anew: servers end a session that idles for half an hour, and some forget to tell of news.
    if (!machine.idling()) co_return Trouble{Trouble::Kind::lost, "the server did not answer in time"};
    machine.end_idle();
    line.stream.set_overall_limit(kOperationLimit);
    co_await drive(machine, line);
  }
  co_return machine.trouble();
}

}  // namespace todoku::intake::mailbox
