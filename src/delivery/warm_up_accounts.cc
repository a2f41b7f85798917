#include "delivery/warm_up_accounts.h"

#include <algorithm>
#include <numeric>

#include "delivery/warm_up_queries.h"

namespace todoku::delivery {
namespace {

WarmUpShare::Answer exchange(store::Connection& db, const WarmUpLine& line, base::Time now) {
  db.execute(kTouchWarmUp, {line.source, line.receiver});
  WarmUp account(line.plan, *warm_up_of(db, line.source, line.receiver));
  account.give_back(line.asking.unused, line.asking.day);
  account.answered(line.asking.answers, now);
  WarmUpShare::Answer answer;
  answer.granted = account.take(line.asking.wanted, now);
  answer.cap = account.cap(now);
  const WarmUp::State& state = account.state();
  answer.day = state.day;
  db.execute(kSetWarmUp, {line.source, line.receiver, state.day, state.step, state.sent, state.answers.answers,
                          state.answers.slowed, state.answers.blocked});
  return answer;
}

}  // namespace

std::vector<WarmUpShare::Answer> exchange_warm_ups(store::Connection& db, std::span<const WarmUpLine> lines,
                                                   base::Time now) {
  // In one order for all nodes, so that none waits for another that waits for it.
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [lines](std::size_t i) { return std::tie(lines[i].source, lines[i].receiver); });
  std::vector<WarmUpShare::Answer> answers(lines.size());
  for (const std::size_t i : order) answers[i] = exchange(db, lines[i], now);
  return answers;
}

std::optional<WarmUp::State> warm_up_of(store::Connection& db, const std::string& source, const std::string& receiver) {
  auto rows = db.query(kWarmUp, {source, receiver});
  if (!rows.next()) return std::nullopt;
  return WarmUp::State{.day = rows.integer(0),
                       .step = rows.integer(1),
                       .sent = rows.integer(2),
                       .answers = {rows.integer(3), rows.integer(4), rows.integer(5)}};
}

}  // namespace todoku::delivery
