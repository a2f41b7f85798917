// Rules on servers' words in the form that is weighed (rules.h): numbers and ranges in one piece of memory, so that
// those of the program are compiled with it and an operator's own when they are loaded, by the same function.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bounce/flat.h"
#include "bounce/phrase_search.h"
#include "bounce/reason.h"
#include "bounce/rule_phrases.h"
#include "provider/providers.h"
#include "smtp/reply.h"

namespace todoku::bounce {

struct Rule {
  FlatRange id;
  std::int32_t reason = 0;  // Reason
  std::int32_t other = -1;  // Reason, -1: none
  std::int32_t weight = 0;
  std::int32_t receiver = -1;     // that alone it holds for, -1: any
  std::uint32_t stages = 0;       // bits 1 << smtp::Stage, 0: any
  std::uint32_t wordless = 0;     // a truth value
  std::uint32_t of_provider = 0;  // a truth value; its words may be links
  FlatRange codes, statuses;

  [[nodiscard]] Reason speaks_for() const { return static_cast<Reason>(reason); }
  [[nodiscard]] std::optional<Reason> or_else() const {
    return other < 0 ? std::nullopt : std::optional(static_cast<Reason>(other));
  }
};

/// The beginning of a reply code: "55" is value 55 of two digits. "none" has no digits: it is no server's reply, but
/// the reporter's own words.
struct CodeBegin {
  std::int32_t value = 0, digits = 0;
  [[nodiscard]] bool none() const { return digits == 0; }
  [[nodiscard]] bool begins(int code) const;
};

/// "5.1.1" or "x.1.1" whole; "5.1." and "x.1." as a beginning.
struct StatusPattern {
  std::int32_t klass = 0, subject = -1, detail = -1;  // 0, -1: any
  [[nodiscard]] bool matches(const smtp::EnhancedStatus& s) const {
    return (klass == 0 || klass == s.klass) && (subject < 0 || subject == s.subject) &&
           (detail < 0 || detail == s.detail);
  }
};

/// A provider, as far as rules need it.
struct Receiver {
  FlatRange name;
  std::int32_t replies_of = -1;  // another whose replies hold here, too
};

/// A domain or the end of a host name, and whose it is.
struct Ending {
  FlatRange text;
  std::uint32_t receiver = 0;
};

/// Views into what compile_rules() returned.
struct RuleTable {
  std::span<const char> texts;
  std::span<const Rule> rules;
  std::span<const std::uint32_t> wordless;  // indices of the rules without words
  std::span<const CodeBegin> codes;
  std::span<const StatusPattern> statuses;
  std::span<const Receiver> receivers;
  std::span<const Ending> domains, hosts;  // in order of their texts
  PhraseTables phrases;                    // tag: rule * 2, plus 1 for an `unless`

  RuleTable() = default;
  explicit RuleTable(std::span<const std::uint64_t> compiled);

  [[nodiscard]] std::string_view text(FlatRange range) const { return range.of(texts); }
  /// The receiver with the longest ending of that name, -1 where none is known; case and a final dot do not matter.
  [[nodiscard]] std::int32_t of_domain(std::string_view domain) const { return of_ending(domains, domain); }
  [[nodiscard]] std::int32_t of_host(std::string_view host) const { return of_ending(hosts, host); }
  [[nodiscard]] std::size_t bytes() const { return rules.size_bytes() + texts.size_bytes() + phrases.bytes(); }

 private:
  [[nodiscard]] std::int32_t of_ending(std::span<const Ending> endings, std::string_view name) const;
};

class RuleCompiler {
 public:
  /// The providers become the table's receivers, by their places.
  explicit RuleCompiler(WordList words, std::span<const provider::Provider> providers = {});

  /// `receiver`: whose rules they are, -1: anybody's. Errors name file, rule and what is wrong with it.
  [[nodiscard]] base::Result<void> add(const std::vector<provider::ReplyRule>& replies, std::int32_t receiver = -1);
  /// For later rules alone; a name that is there already gets the new meaning.
  void add_words(const std::vector<std::pair<std::string, std::string>>& words);
  [[nodiscard]] std::vector<std::uint64_t> take();

 private:
  [[nodiscard]] base::Result<void> add_conditions(const provider::ReplyRule& source, Rule& rule);
  [[nodiscard]] base::Result<void> add_phrases(const provider::ReplyRule& source);
  void add_receivers(std::span<const provider::Provider> providers);
  std::vector<Ending> sorted_endings(std::span<const provider::Provider> providers,
                                     std::vector<std::string> provider::Provider::* member);

  WordList words_;
  PhraseSet phrases_;
  std::vector<char> texts_;
  std::vector<Rule> rules_;
  std::vector<CodeBegin> codes_;
  std::vector<StatusPattern> statuses_;
  std::vector<Receiver> receivers_;
  std::vector<Ending> domains_, hosts_;
};

/// The rules of data/rules and data/providers: what compiled_rules.h holds.
[[nodiscard]] base::Result<std::vector<std::uint64_t>> compile_built_in_rules();
/// The word lists of data/rules.
[[nodiscard]] base::Result<WordList> built_in_words();

}  // namespace todoku::bounce
