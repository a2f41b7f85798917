// The shard's side of limits that several nodes share: what it asks for, and what it does with the answers.
#include <algorithm>

#include "base/log.h"
#include "delivery/shard.h"

namespace todoku::delivery {

void Shard::begin_sharing(Receiver& receiver) {
  receiver.shape.share();
  std::erase_if(given_up_, [&receiver](const cluster::Line& line) { return line.receiver == receiver.name(); });
  const auto rest = rests_.find(receiver.name());
  if (rest != rests_.end()) (void)receiver.shape.hear(&rest->second, around_.clock.now());
}

bool Shard::lacks_parts(base::Time now) const {
  return std::ranges::any_of(receivers_, [now](const auto& each) {
    const Allotment* allotment = each.second->shape.allotment();
    return allotment != nullptr && each.second->lanes > 0 && allotment->lacking(now);
  });
}

std::unordered_map<const Receiver*, std::int64_t> Shard::waiting_by_receiver() const {
  std::unordered_map<const Receiver*, std::int64_t> waiting;
  for (const auto& [site, lane] : lanes_) {
    if (lane->receiver != nullptr) waiting[lane->receiver] += static_cast<std::int64_t>(lane->waiting());
  }
  return waiting;
}

Shard::Question Shard::ask_for_parts(base::Time now, bool all) {
  const auto waiting = waiting_by_receiver();
  const auto waiting_for = [&waiting](const Receiver* receiver) {
    const auto found = waiting.find(receiver);
    return found == waiting.end() ? 0 : found->second;
  };
  Question question;
  question.request.now = now;
  for (const auto& [name, receiver] : receivers_) {
    Shape& shape = receiver->shape;
    Allotment* allotment = shape.allotment();
    if (allotment == nullptr || allotment->asking() || (!all && !allotment->lacking(now))) continue;
    question.receivers.push_back(name);
    allotment->ask(waiting_for(receiver.get()), shape.connections(), now, question.request.lines);
    if (auto rest = shape.news(now)) question.request.rests.push_back(*std::move(rest));
  }
  for (cluster::Line& line : given_up_) question.request.lines.push_back(std::move(line));
  given_up_.clear();
  return question;
}

void Shard::hear(const Question& question, const cluster::Reply& reply, const std::string& own_node,
                 base::Duration lease) {
  const base::Time now = around_.clock.now();
  std::span<const cluster::Part> parts = reply.parts;
  for (const std::string& name : question.receivers) {
    Receiver& receiver = *receivers_.at(name);  // not forgotten while it asks
    Shape& shape = receiver.shape;
    const std::size_t lines = shape.allotment()->lines();
    shape.hear(parts.first(lines), question.request.now, now, lease);
    parts = parts.subspan(lines);
    due(receiver);
  }
  hear_rests(reply, own_node);
  look();
}

void Shard::missed(const Question& question) {
  for (const std::string& name : question.receivers) receivers_.at(name)->shape.allotment()->missed();
}

void Shard::hear_rests(const cluster::Reply& reply, const std::string& own_node) {
  const base::Time now = around_.clock.now();
  rests_.clear();
  for (const cluster::Rest& rest : reply.rests) {
    if (rest.node != own_node) rests_.emplace(rest.receiver, rest);
  }
  for (const auto& [name, receiver] : receivers_) {
    if (receiver->shape.allotment() == nullptr) continue;
    const auto rest = rests_.find(name);
    const Shape::Change change = receiver->shape.hear(rest == rests_.end() ? nullptr : &rest->second, now);
    if (change == Shape::Change::none) continue;
    queue::Outcome cause = receiver->trouble;
    cause.at = now;
    if (rest != rests_.end()) cause.text = "node " + rest->second.node + " was blocked there";
    receiver->announce(change, cause);
  }
}

}  // namespace todoku::delivery
