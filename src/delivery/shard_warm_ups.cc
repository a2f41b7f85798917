// The shard's side of source addresses that are being warmed up: what their receivers' pools ask of the accounts, and
// what they do with the answers.
#include <algorithm>

#include "delivery/shard.h"

namespace todoku::delivery {
namespace {

/// Calls `use` with each address of the receiver's pool that is being warmed up, and its place.
template <class Use>
void each_warm_up(Receiver& receiver, Use use) {
  SourcePool& sources = receiver.shape.sources();
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (WarmUpShare* warm_up = sources.warm_up(i)) use(*warm_up, i);
  }
}

void put(Shard::WarmUpQuestion& question, Receiver& receiver, std::size_t source, const WarmUpShare::Asking& asking) {
  const Source& address = receiver.shape.sources().source(source);
  question.lines.push_back(
      {.source = address.address, .receiver = receiver.name(), .plan = address.warm_up, .asking = asking});
  question.sources.push_back(source);
}

}  // namespace

bool Shard::lacks_warm_ups(base::Time now) const {
  return std::ranges::any_of(receivers_, [now](const auto& each) {
    bool lacks = false;
    if (each.second->lanes > 0) {
      each_warm_up(*each.second, [&](const WarmUpShare& warm_up, std::size_t) { lacks |= warm_up.lacking(now); });
    }
    return lacks;
  });
}

Shard::WarmUpQuestion Shard::ask_for_warm_ups(base::Time now, bool all) {
  const auto waiting = waiting_by_receiver();
  WarmUpQuestion question;
  for (const auto& [name, receiver] : receivers_) {
    const auto found = waiting.find(receiver.get());
    // A connection has taken its mail already, and waits for the permission.
    const std::int64_t mails = (found == waiting.end() ? 0 : found->second) + receiver->shape.connections();
    each_warm_up(*receiver, [&](WarmUpShare& warm_up, std::size_t source) {
      if (!all && !warm_up.lacking(now)) return;
      WarmUpShare::Asking asking;
      if (warm_up.ask(mails, now, asking)) put(question, *receiver, source, asking);
    });
  }
  return question;
}

void Shard::hear(const WarmUpQuestion& question, std::span<const WarmUpShare::Answer> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Receiver& receiver = *receivers_.at(question.lines[i].receiver);  // not forgotten while it asks
    receiver.shape.sources().warm_up(question.sources[i])->hear(answers[i]);
    due(receiver);
  }
  look();
}

void Shard::missed(const WarmUpQuestion& question) {
  for (std::size_t i = 0; i < question.lines.size(); ++i) {
    SourcePool& sources = receivers_.at(question.lines[i].receiver)->shape.sources();
    sources.warm_up(question.sources[i])->missed(question.lines[i].asking);
  }
}

Shard::WarmUpQuestion Shard::give_up_warm_ups() {
  WarmUpQuestion question;
  for (const auto& [name, receiver] : receivers_) {
    each_warm_up(*receiver, [&](WarmUpShare& warm_up, std::size_t source) {
      WarmUpShare::Asking asking;
      if (warm_up.give_up(asking)) put(question, *receiver, source, asking);
    });
  }
  return question;
}

}  // namespace todoku::delivery
