// What is known of the receivers: how they are recognised, how fast they may be sent to, what their replies mean. One
// file of data/providers each (its layout is told in data/providers/README.md), embedded.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "provider/limits.h"
#include "provider/reply_rule.h"

namespace todoku::provider {

/// Its own words for "not now": how long nothing is sent to it after a reply that says so.
struct BackOff {
  std::vector<std::string> says;  // any of these, in small letters; none: any text
  std::string code;               // beginning of the reply code
  base::Duration pause{0};
};

struct Source {
  std::string fact;  // what it is the source of
  std::string url;   // or a description
  std::string date;  // when it was written down, YYYY-MM-DD
};

struct Provider {
  std::string name;                  // the file's: "gmail"
  std::string title;                 // "Gmail"
  std::string title_ja;              // the same where there is no other
  std::vector<std::string> domains;  // of addresses, with everything below ("docomo.ne.jp")
  std::vector<std::string> hosts;    // endings of its MX host names
  std::string replies_of;            // another provider whose replies hold here, too
  std::string limits_of;             // another provider whose limits it shares: the same servers, counted together
  Limits limits;
  std::vector<std::string> stated;                              // limits that the file gives; the others are defaults
  std::vector<BackOff> back_offs;                               // the first that fits holds
  std::vector<std::pair<std::string, base::Duration>> retries;  // first wait by reason, where it is the provider's own
  std::string bounces;                                          // how its own bounces are laid out
  std::vector<Source> sources;
  std::vector<ReplyRule> replies;
};

/// All of them. Built once, then read-only: thread-safe.
class Providers {
 public:
  /// Those in the binary. A file that cannot be read is a programmer's mistake (a test reads them all).
  static const Providers& built_in();

  /// From files' texts: name without ".toml", content.
  [[nodiscard]] static base::Result<Providers> read(const std::vector<std::pair<std::string, std::string_view>>& files);

  /// Null where none is known. The longest ending wins; letter case does not matter; a final dot is ignored.
  [[nodiscard]] const Provider* of_domain(std::string_view domain) const;
  [[nodiscard]] const Provider* of_mx(std::string_view host) const;
  [[nodiscard]] const Provider* of_name(std::string_view name) const;
  [[nodiscard]] const std::vector<Provider>& all() const { return all_; }

  /// What nobody's file says: the default limits.
  [[nodiscard]] static const Limits& default_limits();

 private:
  using Endings = std::unordered_map<std::string, std::size_t>;
  [[nodiscard]] const Provider* by_ending(const Endings& endings, std::string_view name) const;

  std::vector<Provider> all_;
  Endings domains_, hosts_;
};

}  // namespace todoku::provider
