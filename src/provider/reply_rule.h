// One rule on what a server's reply means, as it stands in data/rules, data/providers or an operator's own file:
//
//   [[reply]]
//   id = "user-unknown"                 # unique in its file; "FILE/user-unknown" everywhere else
//   reason = "user_unknown"             # src/bounce/reason.h
//   says = ["<account> .. <unknown>"]   # any of these phrases (src/bounce/rule_phrases.h)
//   unless = ["greylist*"]              # and none of these
//   stage = ["rcpt", "data"]            # where in the session; does not hold where that is not known
//   code = ["55"]                       # beginnings of reply codes; "none": where there is no reply code
//   status = ["5.1.1", "5.2."]          # enhanced statuses, or beginnings that end in a dot
//   weight = 70                         # how sure; bounce/rules.h says how verdicts are weighed
//   other = "recipient_refused"         # a second cause worth telling
//   anywhere = true                     # a provider's rule that holds at other servers, too
//   examples = ["550 5.1.1 User unknown"]  # at least one; must win against all other rules
//
// This module holds the words as they stand; bounce gives them their meaning.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace todoku::provider {

struct ReplyRule {
  std::string id;  // "file/id"
  std::string reason, other;
  std::vector<std::string> says, unless, stage, code, status;
  int weight = 0;  // 0: the default
  bool anywhere = false;
  std::vector<std::string> examples;
};

/// What one TOML file says: its word lists ([words]) and its rules ([[reply]]).
struct RuleFile {
  std::string name;  // without folder and ".toml"
  std::vector<std::pair<std::string, std::string>> words;
  std::vector<ReplyRule> replies;
};

/// `name` is used in ids and errors. Errors name file and rule.
[[nodiscard]] base::Result<RuleFile> read_rules(std::string_view name, std::string_view toml);

}  // namespace todoku::provider
