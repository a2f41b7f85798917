#include "audience/policy_version.h"

#include <algorithm>

#include "audience/policy_queries.h"

namespace todoku::audience {
namespace {

std::vector<StopRule> rules_of(store::Connection& db, std::int64_t version) {
  std::vector<StopRule> rules;
  store::Rows rows = db.query(kPolicyRules, {version});
  while (rows.next()) {
    // A newer program may know causes that this one does not: they never come up here.
    const auto target = read_rule_target(rows.text(0));
    if (!target) continue;
    rules.push_back({.cause = target->cause,
                     .receiver = std::string(rows.text(1)),
                     .errors = rows.integer(2),
                     .days = rows.integer(3),
                     .reset_on_open = rows.integer(4) != 0});
  }
  return rules;
}

/// 0: all.
std::vector<PolicyVersion> versions(store::Connection& db, std::int64_t number) {
  std::vector<PolicyVersion> found;
  {
    store::Rows rows = db.query(kPolicyVersions, {number});
    while (rows.next()) {
      found.push_back({.number = rows.integer(0),
                       .at = base::from_stored(rows.integer(1)),
                       .author = std::string(rows.text(2)),
                       .note = std::string(rows.text(3)),
                       .rules = {}});
    }
  }
  for (PolicyVersion& version : found) version.rules = rules_of(db, version.number);
  return found;
}

}  // namespace

PolicyVersion current_policy(store::Connection& db) {
  const auto newest = db.query_integer(kNewestPolicy);
  return newest ? versions(db, *newest).at(0) : PolicyVersion();
}

base::Result<PolicyVersion> find_policy(store::Connection& db, std::int64_t number) {
  if (number == 0) return PolicyVersion();
  auto found = versions(db, number);
  if (found.empty()) {
    return base::Error{base::ErrorCode::not_found, "there is no version " + std::to_string(number),
                       "`todoku policy history` shows them", ""};
  }
  return std::move(found.front());
}

std::vector<PolicyVersion> policy_versions(store::Connection& db) { return versions(db, 0); }

std::int64_t add_policy(store::Connection& db, const std::vector<StopRule>& rules, const PolicyChange& change) {
  const std::int64_t number = *db.query_integer(kAddPolicy, {change.at, change.author, change.note});
  for (const StopRule& rule : rules) {
    db.execute(kAddPolicyRule,
               {number, to_string(rule.cause), rule.receiver, rule.errors, rule.days, rule.reset_on_open ? 1 : 0});
  }
  return number;
}

const StopRules& CurrentRules::look(store::Connection& db) {
  std::int64_t newest = 0;
  base::Time at{};
  {
    store::Rows rows = db.query(kNewestPolicy);
    if (rows.next()) {
      newest = rows.integer(0);
      at = base::from_stored(rows.integer(1));
    }
  }
  if (newest != rules_.version || at != at_) {
    rules_.rules = newest == 0 ? std::vector<StopRule>() : rules_of(db, newest);
    rules_.version = newest;
    at_ = at;
  }
  return rules_;
}

}  // namespace todoku::audience
