// Rules of the stop policy in plain words, and as JSON.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "audience/policy_version.h"
#include "audience/stop_rule.h"
#include "bounce/explanation.h"

namespace todoku::app {

/// "容量超過(受信箱): 3回続けて、7日以上にわたって失敗したら停止".
[[nodiscard]] std::string rule_sentence(const audience::StopRule& rule, bounce::Language language);

/// {"rule", "cause", "receiver", "errors", "days", "reset_on_open", "text"}
[[nodiscard]] boost::json::object rule_object(const audience::StopRule& rule, bounce::Language language);

/// A version's rules with the defaults that they leave: all that decides, the particular ones after the general ones.
[[nodiscard]] std::vector<audience::StopRule> all_rules(const audience::PolicyVersion& version,
                                                        const audience::StopLimits& defaults);

/// {"version", "at", "author", "note", "rules"}; `at` is null for version 0.
[[nodiscard]] boost::json::object policy_object(const audience::PolicyVersion& version,
                                                const audience::StopLimits& defaults, bounce::Language language);

}  // namespace todoku::app
