// What is known of the receivers: how they are recognised, how fast they may be sent to, what their replies mean. One
// file of data/providers each (its layout is told in data/providers/README.md), embedded.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "provider/reply_rule.h"

namespace todoku::provider {

/// How a provider wants to be sent to. The defaults are for a server that nothing is known of.
struct Limits {
  int connections = 10;
  int mails_per_connection = 100;
  double mails_per_second = 100;
  int recipients_per_mail = 100;
  std::int64_t message_bytes = 0;  // 0: not known
  bool tls_required = false;
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
  Limits limits;
  std::string bounces;  // how its own bounces are laid out
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
