#include "cluster/redis_ledger.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cluster/redis_script.h"
#include "store/connection.h"

namespace todoku::cluster {
namespace {

using base::Duration;
using base::Time;

constexpr char kCluster[] = "todoku:cluster";
constexpr char kNodes[] = "todoku:nodes";
constexpr char kRests[] = "todoku:rests";
constexpr std::size_t kLinesAtOnce = 500;  // some ten milliseconds in which Redis does nothing else
constexpr std::size_t kAnswerHead = 2;
constexpr std::size_t kPerPart = 3;
constexpr std::size_t kPerRest = 4;

std::string shares_key(const std::string& receiver) { return "todoku:shares:" + receiver; }
std::string lots_key(const Line& line) {
  return "todoku:lots:" + std::to_string(line.span.count()) + ":" + line.receiver;
}
std::string flag(bool set) { return set ? "1" : "0"; }

std::int64_t integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The value of "name:value\r\n" in Redis' own description.
std::string_view field(std::string_view info, std::string_view name) {
  const std::size_t at = info.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size();
  return info.substr(begin, info.find('\r', begin) - begin);
}

/// "until blocked node", as the script keeps it.
Rest rest_in(const std::string& receiver, std::string_view text) {
  const std::size_t first = text.find(' ');
  return {.receiver = receiver,
          .node = std::string(text.substr(first + 3)),
          .until = base::from_stored(integer(text)),
          .blocked = text[first + 1] == '1'};
}

}  // namespace

void RedisLedger::connect() {
  if (connection_) return;
  auto opened = std::make_unique<RedisConnection>(options_.place, options_.limit);
  const std::string info = opened->command({"INFO", "server"}).text;
  const std::string run(field(info, "run_id:"));
  if (run.empty()) throw store::Failure(store::Failure::Kind::statement, "Redis does not tell its run_id");
  script_ = opened->command({"SCRIPT", "LOAD", kExchangeScript}).text;
  uptime_ = std::chrono::seconds(integer(field(info, "uptime_in_seconds:")));
  if (run != std::exchange(run_, run)) {
    unconfirmed_ = known_;
    tell_again_ = true;
  }
  connection_ = std::move(opened);
}

Reply RedisLedger::exchange(const Request& request) {
  note_told(request);
  try {
    connect();
    std::vector<Rest> rests = request.rests;
    if (tell_again_) {
      for (const auto& [receiver, rest] : told_) rests.push_back(rest);
    }
    Answer answer;
    std::span<const Line> lines = request.lines;
    do {
      const auto some = lines.first(std::min(lines.size(), kLinesAtOnce));
      Answer part = ask(some, rests, request.now);
      part.parts.insert(part.parts.begin(), answer.parts.begin(), answer.parts.end());
      answer = std::move(part);
      lines = lines.subspan(some.size());
      rests.clear();
    } while (!lines.empty());
    tell_again_ = false;
    keep_rests(answer, request);
    return {std::move(answer.parts), std::move(answer.rests)};
  } catch (const store::Failure&) {
    connection_.reset();
    throw;
  }
}

void RedisLedger::note_told(const Request& request) {
  for (const Rest& rest : request.rests) {
    if (rest.over) {
      told_.erase(rest.receiver);
    } else {
      told_[rest.receiver] = rest;
    }
  }
}

/// What Redis may have forgotten holds until those who were blocked have had the time to tell it again.
void RedisLedger::keep_rests(Answer& answer, const Request& request) {
  const auto in = [](const std::vector<Rest>& rests, const std::string& receiver) {
    return std::ranges::find(rests, receiver, &Rest::receiver) != rests.end();
  };
  std::erase_if(unconfirmed_, [&](const Rest& rest) {
    const bool passed = !rest.blocked && rest.until <= request.now;
    return passed || in(answer.rests, rest.receiver) || in(request.rests, rest.receiver);
  });
  if (answer.quiet_until <= request.now) {
    unconfirmed_.clear();
    std::erase_if(told_, [&](const auto& each) { return !in(answer.rests, each.first); });
  }
  answer.rests.insert(answer.rests.end(), unconfirmed_.begin(), unconfirmed_.end());
  known_ = answer.rests;
}

RedisLedger::Answer RedisLedger::ask(std::span<const Line> lines, std::span<const Rest> rests, Time now) {
  std::vector<std::string> words = {std::to_string(3 + 2 * lines.size()), kCluster, kNodes, kRests};
  for (const Line& line : lines) {
    words.push_back(shares_key(line.receiver));
    words.push_back(lots_key(line));
  }
  const auto number = [&words](std::int64_t value) { words.push_back(std::to_string(value)); };
  words.push_back(options_.node);
  number(base::to_stored(now));
  words.emplace_back(options_.redis_clock ? "redis" : "node");
  number(options_.lease.count());
  number(kLotLife.count());
  words.push_back(run_);
  number(uptime_.count());
  number(static_cast<std::int64_t>(rests.size()));
  for (const Rest& rest : rests) {
    words.push_back(rest.receiver);
    number(base::to_stored(rest.until));
    words.push_back(flag(rest.blocked));
    words.push_back(flag(rest.over));
  }
  for (const Line& line : lines) {
    number(line.span.count());
    number(line.most);
    words.push_back(flag(line.lots));
    number(line.held);
    number(line.wanted);
  }
  const RedisReply reply = run_script(std::move(words));
  const std::size_t rests_at = kAnswerHead + kPerPart * lines.size();
  if (reply.items.size() < rests_at || (reply.items.size() - rests_at) % kPerRest != 0) {
    throw store::Failure(store::Failure::Kind::statement, "Redis answers something else than was asked");
  }
  const auto at = [&reply](std::size_t index) { return reply.items[index].number; };
  Answer answer;
  answer.quiet_until = base::from_stored(at(0));
  for (std::size_t i = kAnswerHead; i < rests_at; i += kPerPart) {
    answer.parts.push_back({.granted = at(i), .fair = at(i + 1), .free_at = base::from_stored(at(i + 2))});
  }
  for (std::size_t i = rests_at; i < reply.items.size(); i += kPerRest) {
    answer.rests.push_back({.receiver = reply.items[i].text,
                            .node = reply.items[i + 1].text,
                            .until = base::from_stored(at(i + 2)),
                            .blocked = at(i + 3) != 0});
  }
  return answer;
}

/// By its name, and by its text where Redis has forgotten that.
RedisReply RedisLedger::run_script(std::vector<std::string> arguments) {
  std::vector<std::string>& words = arguments;
  words.insert(words.begin(), {"EVALSHA", script_});
  RedisReply reply = connection_->command(words, "NOSCRIPT");
  if (!reply.error) return reply;
  words[0] = "EVAL";
  words[1] = kExchangeScript;
  return connection_->command(words);
}

Time RedisLedger::time(Time now) {
  if (!options_.redis_clock) return now;
  const RedisReply reply = connection_->command({"TIME"});
  return Time(std::chrono::seconds(integer(reply.items.at(0).text)) + Duration(integer(reply.items.at(1).text) / 1000));
}

void RedisLedger::leave(Time now) {
  try {
    connect();
    connection_->command({"ZADD", kNodes, std::to_string(base::to_stored(time(now))), options_.node});
  } catch (const store::Failure&) {
    connection_.reset();
    throw;
  }
}

Picture RedisLedger::look(const std::string& receiver, Time now) {
  connect();
  const std::int64_t at = base::to_stored(time(now));
  Picture picture;
  const auto alive = connection_->command({"ZRANGEBYSCORE", kNodes, "(" + std::to_string(at), "+inf"}).items;
  const auto shares = connection_->command({"HGETALL", shares_key(receiver)}).items;
  for (std::size_t i = 0; i + 1 < shares.size(); i += 2) {
    const std::string& name = shares[i].text;
    const std::string& claim = shares[i + 1].text;
    const std::string node = name.substr(name.find(' ') + 1);
    if (std::ranges::find(alive, node, &RedisReply::text) == alive.end()) continue;
    picture.members.push_back(
        {node, Duration(integer(name)), integer(claim), integer(std::string_view(claim).substr(claim.find(' ') + 1))});
  }
  std::ranges::sort(picture.members, {}, [](const Member& each) { return std::pair(each.span, each.node); });
  const std::string rest = connection_->command({"HGET", kRests, receiver}).text;
  if (!rest.empty()) picture.rest = rest_in(receiver, rest);
  return picture;
}

}  // namespace todoku::cluster
