#include "bounce/rules.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "base/embedded_file.h"
#include "bounce/rule_phrases.h"
#include "bounce/rule_text.h"
#include "provider/providers.h"

namespace todoku::bounce {

std::span<const base::EmbeddedFile> embedded_rules();

namespace {

using provider::ReplyRule;

constexpr std::size_t kTextLimit = 16 * 1024;
constexpr int kDefaultWeight = 70;
constexpr int kDefaultWordlessWeight = 50;
constexpr int kAgreement = 8;
constexpr int kSpecific = 40;  // from this weight on a status or a code is worth agreeing with
constexpr int kProvider = 4;
constexpr int kQuoted = 10;
constexpr std::string_view kNoCode = "none";  // as a rule's code: no server's reply, but the reporter's own words

// "5.1.1" or "x.1.1" whole; "5.1." and "x.1." as a beginning.
struct StatusPattern {
  int klass = 0, subject = -1, detail = -1;  // 0, -1: any

  [[nodiscard]] bool matches(const smtp::EnhancedStatus& s) const {
    return (klass == 0 || klass == s.klass) && (subject < 0 || subject == s.subject) &&
           (detail < 0 || detail == s.detail);
  }
};

struct Rule {
  std::string id;
  Reason reason = Reason::unknown;
  std::optional<Reason> other;
  std::vector<smtp::Stage> stages;
  std::vector<std::string> codes;
  std::vector<StatusPattern> statuses;
  int weight = 0;
  bool wordless = false;
  const provider::Provider* provider = nullptr;  // that alone it holds for
};

std::optional<StatusPattern> status_pattern(std::string_view text) {
  StatusPattern pattern;
  if (text.size() < 2 || text[1] != '.' || std::string_view("245x").find(text[0]) == std::string_view::npos)
    return std::nullopt;
  pattern.klass = text[0] == 'x' ? 0 : text[0] - '0';
  text.remove_prefix(2);
  for (int* part : {&pattern.subject, &pattern.detail}) {
    if (text.empty()) return pattern;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (part == &pattern.subject && !text.empty() && text.front() == '.') text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return pattern;
}

base::Error wrong(const ReplyRule& rule, std::string message, std::string hint = "see src/provider/reply_rule.h") {
  const std::size_t slash = rule.id.rfind('/');
  return {base::ErrorCode::invalid, std::move(message), std::move(hint),
          rule.id.substr(0, slash) + ".toml: rule " + rule.id.substr(slash + 1)};
}

base::Result<Rule> compile(const ReplyRule& source, const provider::Provider* provider) {
  Rule rule;
  rule.id = source.id;
  const auto reason = reason_of(source.reason);
  if (!reason) return wrong(source, "unknown reason '" + source.reason + "'");
  rule.reason = *reason;
  if (!source.other.empty()) {
    rule.other = reason_of(source.other);
    if (!rule.other) return wrong(source, "unknown reason '" + source.other + "'");
  }
  for (const auto& name : source.stage) {
    const auto stage = smtp::stage_of(name);
    if (!stage)
      return wrong(source, "unknown stage '" + name + "'",
                   "connect, ehlo, starttls, auth, mail, rcpt, data, eod, quit");
    rule.stages.push_back(*stage);
  }
  for (const auto& text : source.status) {
    const auto pattern = status_pattern(text);
    if (!pattern) return wrong(source, "'" + text + "' is no status", "\"5.1.1\", \"x.1.1\" or the beginning \"5.1.\"");
    rule.statuses.push_back(*pattern);
  }
  rule.codes = source.code;
  rule.wordless = source.says.empty();
  rule.weight = source.weight != 0 ? source.weight : rule.wordless ? kDefaultWordlessWeight : kDefaultWeight;
  if (rule.weight < 1 || rule.weight > 100) return wrong(source, "a weight is 1 to 100");
  if (!source.anywhere) rule.provider = provider;
  return rule;
}

// What an observation comes to once text, code and status were brought together.
struct Facts {
  std::optional<int> code;
  std::optional<smtp::EnhancedStatus> status;  // none if it says nothing
  int klass = 0;                               // 4 or 5, 0 if not known
  smtp::Stage stage = smtp::Stage::none;
  const provider::Provider* provider = nullptr;
  std::size_t reply_begin = 0;  // where in the text the server's own reply begins
};

bool says_nothing(const smtp::EnhancedStatus& status) { return status.subject == 0 && status.detail == 0; }

Facts facts_of(const Observation& seen, const provider::Providers& providers) {
  const Codes own = codes_in(seen.text);
  Facts facts;
  facts.code = seen.reply_code ? seen.reply_code : own.reply_code;
  if (seen.status && !seen.generic_status && !says_nothing(*seen.status))
    facts.status = seen.status;
  else if (own.status && !says_nothing(*own.status))
    facts.status = own.status;
  if (facts.code)
    facts.klass = *facts.code / 100;
  else if (facts.status)
    facts.klass = facts.status->klass;
  else if (seen.status)
    facts.klass = seen.status->klass;
  facts.reply_begin = own.begin;
  facts.stage = seen.stage != smtp::Stage::none ? seen.stage : own.stage;
  if (!seen.remote_mta.empty()) facts.provider = providers.of_mx(seen.remote_mta);
  if (facts.provider == nullptr)
    if (const std::size_t at = seen.recipient.rfind('@'); at != std::string_view::npos)
      facts.provider = providers.of_domain(seen.recipient.substr(at + 1));
  return facts;
}

/// What a server can mean at a stage of the session. Before RCPT no recipient was named: whatever it says there is
/// about us, "unknown user" about our sender; before MAIL there is no sender and no mail either.
bool possible(Reason reason, smtp::Stage stage) {
  using enum smtp::Stage;
  using enum Reason;
  const bool before_mail = stage == connect || stage == ehlo || stage == starttls || stage == auth;
  switch (reason) {
    case user_unknown:
    case moved:
    case account_disabled:
    case recipient_refused:
    case mailbox_full:
    case recipient_size_limit:
      return !before_mail && stage != mail;
    // A domain that is not there is our own finding (before the session) or, at MAIL, the sender's.
    case host_unknown:
      return stage == connect || (!before_mail && stage != mail);
    case no_mail_accepted:
      return stage != mail;  // a null MX is the sender's there
    case sender_refused:
    case spam_detected:
    case content_rejected:
    case policy_violation:
      return stage != connect && stage != ehlo;
    default:
      return true;
  }
}

bool holds(const Rule& rule, const Facts& facts) {
  if (!possible(rule.reason, facts.stage)) return false;
  if (!rule.stages.empty() && std::ranges::find(rule.stages, facts.stage) == rule.stages.end()) return false;
  if (!rule.codes.empty()) {
    const std::string code = facts.code         ? std::to_string(*facts.code)
                             : facts.klass != 0 ? std::to_string(facts.klass)
                                                : "";
    if (std::ranges::none_of(
            rule.codes, [&](const auto& begin) { return begin == kNoCode ? !facts.code : code.starts_with(begin); }))
      return false;
  }
  if (!rule.statuses.empty() && (!facts.status || std::ranges::none_of(rule.statuses, [&](const auto& pattern) {
        return pattern.matches(*facts.status);
      })))
    return false;
  if (rule.provider == nullptr) return true;
  return facts.provider == rule.provider ||
         (facts.provider != nullptr && facts.provider->replies_of == rule.provider->name);
}

base::Result<std::string> file_content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return base::Error{base::ErrorCode::io, "cannot be read", "check the file's rights", path.string()};
  return text;
}

class LoadedRules : public Rules {
 public:
  base::Result<void> load(const std::filesystem::path& own);
  [[nodiscard]] Verdict judge(const Observation& seen) const override;
  [[nodiscard]] std::vector<Candidate> weigh(const Observation& seen) const override;
  [[nodiscard]] std::size_t size() const override { return rules_.size(); }
  [[nodiscard]] std::size_t bytes() const override { return phrases_.bytes() + rules_.size() * sizeof(Rule); }

 private:
  struct Speaking {
    std::uint32_t rule = 0;
    PhraseFind find;
    int score = 0;
  };

  base::Result<void> add(const std::vector<ReplyRule>& replies, const provider::Provider* provider);
  base::Result<void> load_own(const std::filesystem::path& folder);
  std::vector<Speaking> speaking(const Facts& facts, const PlainText& plain) const;
  bool before(const Speaking& a, const Speaking& b) const;
  Candidate candidate(const Speaking& speaks, const PlainText& plain, std::string_view raw) const;
  std::string quote(const Speaking& speaks, const PlainText& plain, std::string_view raw) const;

  const provider::Providers& providers_ = provider::Providers::built_in();
  WordList words_;
  PhraseSet phrases_;  // tag: rule * 2, plus 1 for an `unless`
  std::vector<Rule> rules_;
};

base::Result<void> LoadedRules::add(const std::vector<ReplyRule>& replies, const provider::Provider* provider) {
  for (const auto& source : replies) {
    auto rule = compile(source, provider);
    if (!rule) return rule.error();
    const auto tag = static_cast<std::uint32_t>(rules_.size() * 2);
    for (const auto& [phrases, mark] : {std::pair{&source.says, 0u}, std::pair{&source.unless, 1u}})
      for (const auto& phrase : *phrases)
        if (auto added = phrases_.add(phrase, words_, tag + mark); !added)
          return wrong(source, "\"" + phrase + "\": " + added.error().message, added.error().hint);
    rules_.push_back(std::move(*rule));
  }
  return base::done;
}

base::Result<void> LoadedRules::load(const std::filesystem::path& own) {
  std::vector<provider::RuleFile> files;
  for (const auto& embedded : embedded_rules()) {
    if (!embedded.path.ends_with(".toml") || embedded.path == "reasons.toml") continue;
    auto file = provider::read_rules(embedded.path.substr(0, embedded.path.size() - 5), embedded.content);
    if (!file) return file.error();
    for (auto& [name, alternatives] : file->words) words_.emplace(name, alternatives);
    files.push_back(std::move(*file));
  }
  for (const auto& file : files)
    if (auto added = add(file.replies, nullptr); !added) return added;
  for (const auto& provider : providers_.all())
    if (auto added = add(provider.replies, &provider); !added) return added;
  if (!own.empty())
    if (auto added = load_own(own); !added) return added;
  phrases_.build();
  return base::done;
}

base::Result<void> LoadedRules::load_own(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  if (error)
    return base::Error{base::ErrorCode::io, error.message(), "is it a folder that can be read?", folder.string()};
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    auto text = file_content(path);
    if (!text) return text.error();
    auto file = provider::read_rules((folder / path.stem()).string(), *text);
    if (!file) return file.error();
    for (auto& [name, alternatives] : file->words) words_.insert_or_assign(name, alternatives);
    if (auto added = add(file->replies, nullptr); !added) return added;
  }
  return base::done;
}

std::vector<LoadedRules::Speaking> LoadedRules::speaking(const Facts& facts, const PlainText& plain) const {
  std::map<std::uint32_t, PhraseFind> said;
  std::vector<std::uint32_t> vetoed;
  for (const PhraseFind& find : phrases_.find(plain.text)) {
    if (find.tag % 2 == 1) {
      vetoed.push_back(find.tag / 2);
      continue;
    }
    auto& best = said[find.tag / 2];
    if (find.letters > best.letters) best = find;
  }
  std::vector<Speaking> out;
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i].wordless || !holds(rules_[i], facts)) continue;
    if (std::ranges::find(vetoed, i) == vetoed.end()) out.push_back({i, {}, rules_[i].weight});
  }
  const std::size_t wordless = out.size();
  for (const auto& [i, find] : said) {
    if (!holds(rules_[i], facts) || std::ranges::find(vetoed, i) != vetoed.end()) continue;
    const bool own = rules_[i].provider != nullptr;
    const bool quoted = facts.reply_begin > 0 && plain.origin[find.begin] >= facts.reply_begin;
    out.push_back({i, find, rules_[i].weight + (own ? kProvider : 0) + (quoted ? kQuoted : 0)});
  }
  for (std::size_t i = wordless; i < out.size(); ++i)
    for (std::size_t j = 0; j < wordless; ++j)
      if (rules_[out[i].rule].reason == rules_[out[j].rule].reason && out[j].score >= kSpecific) {
        out[i].score += kAgreement;
        break;
      }
  std::ranges::sort(out, [&](const Speaking& a, const Speaking& b) { return before(a, b); });
  return out;
}

bool LoadedRules::before(const Speaking& a, const Speaking& b) const {
  if (a.score != b.score) return a.score > b.score;
  if (a.find.letters != b.find.letters) return a.find.letters > b.find.letters;
  return rules_[a.rule].id < rules_[b.rule].id;
}

std::string LoadedRules::quote(const Speaking& speaks, const PlainText& plain, std::string_view raw) const {
  if (speaks.find.letters == 0) return std::string(plain.line(raw, 0, 0));
  return std::string(plain.line(raw, speaks.find.begin, speaks.find.end));
}

Candidate LoadedRules::candidate(const Speaking& speaks, const PlainText& plain, std::string_view raw) const {
  const Rule& rule = rules_[speaks.rule];
  return {.reason = rule.reason,
          .other_reason = rule.other,
          .rule = rule.id,
          .quote = speaks.find.letters == 0 ? std::string() : quote(speaks, plain, raw),
          .words = plain.text.substr(speaks.find.begin, speaks.find.end - speaks.find.begin),
          .score = speaks.score,
          .letters = speaks.find.letters};
}

Verdict LoadedRules::judge(const Observation& seen) const {
  const std::string_view raw = seen.text.substr(0, kTextLimit);
  const Facts facts = facts_of(seen, providers_);
  const PlainText plain = plain_text(raw);
  const auto all = speaking(facts, plain);
  Verdict verdict;
  if (facts.provider != nullptr) verdict.provider = facts.provider->name;
  if (all.empty()) return verdict;
  const Rule& winner = rules_[all.front().rule];
  verdict.reason = winner.reason;
  verdict.other_reason = winner.other;
  verdict.score = all.front().score;
  // The decisive rule, and what else speaks for the same reason.
  for (const Speaking& speaks : all) {
    if (rules_[speaks.rule].reason != winner.reason) continue;
    verdict.evidence.push_back({rules_[speaks.rule].id, quote(speaks, plain, raw)});
    if (verdict.evidence.size() == 3) break;
  }
  return verdict;
}

std::vector<Candidate> LoadedRules::weigh(const Observation& seen) const {
  const std::string_view raw = seen.text.substr(0, kTextLimit);
  const PlainText plain = plain_text(raw);
  std::vector<Candidate> out;
  for (const Speaking& speaks : speaking(facts_of(seen, providers_), plain))
    out.push_back(candidate(speaks, plain, raw));
  return out;
}

}  // namespace

base::Result<std::unique_ptr<Rules>> Rules::load(const std::filesystem::path& own) {
  auto rules = std::make_unique<LoadedRules>();
  if (auto loaded = rules->load(own); !loaded) return loaded.error();
  return std::unique_ptr<Rules>(std::move(rules));
}

}  // namespace todoku::bounce
