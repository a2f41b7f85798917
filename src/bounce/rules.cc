#include "bounce/rules.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>
#include <utility>

#include "bounce/aside.h"
#include "bounce/compiled_rules.h"
#include "bounce/explanation.h"
#include "bounce/rule_table.h"
#include "bounce/rule_text.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kTextLimit = 16 * 1024;
constexpr int kAgreement = 8;
constexpr int kSpecific = 40;  // from this weight on a status or a code is worth agreeing with
constexpr int kProvider = 4;
constexpr int kQuoted = 10;
constexpr int kAside = -20;

// What an observation comes to once text, code and status were brought together.
struct Facts {
  std::optional<int> code;
  std::optional<smtp::EnhancedStatus> status;  // none if it says nothing
  int klass = 0;                               // 4 or 5, 0 if not known
  smtp::Stage stage = smtp::Stage::none;
  std::int32_t receiver = -1;       // place in the table of the built-in rules
  std::int32_t receiver_like = -1;  // whose replies hold there, too
  std::size_t reply_begin = 0;      // where in the text the server's own reply begins
};

bool says_nothing(const smtp::EnhancedStatus& status) { return status.subject == 0 && status.detail == 0; }

Facts facts_of(const Observation& seen, const RuleTable& table) {
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
  if (!seen.remote_mta.empty()) facts.receiver = table.of_host(seen.remote_mta);
  if (facts.receiver < 0)
    if (const std::size_t at = seen.recipient.rfind('@'); at != std::string_view::npos)
      facts.receiver = table.of_domain(seen.recipient.substr(at + 1));
  if (facts.receiver >= 0) facts.receiver_like = table.receivers[static_cast<std::size_t>(facts.receiver)].replies_of;
  return facts;
}

/// What a server can mean at a stage of the session. Before RCPT no recipient was named: whatever it says there is
/// about us, "unknown user" about our sender; before MAIL there is no sender and no mail either.
bool possible(Reason reason, const Facts& facts) {
  using enum smtp::Stage;
  using enum Reason;
  const smtp::Stage stage = facts.stage;
  const bool before_mail = stage == connect || stage == ehlo || stage == starttls || stage == auth;
  switch (reason) {
    case user_unknown:
    case moved:
    case account_disabled:
    case recipient_refused:
    case recipient_size_limit:
      return !before_mail && stage != mail;
    // At MAIL the size was declared (SIZE=); a status of mailboxes can mean no other than the one asked for later.
    case mailbox_full:
      return !before_mail &&
             (stage != mail || (facts.status && facts.status->subject == 2 && facts.status->detail == 2));
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

bool holds(const RuleTable& table, const Rule& rule, const Facts& facts) {
  if (!possible(rule.speaks_for(), facts)) return false;
  if (rule.stages != 0 && (rule.stages >> static_cast<unsigned>(facts.stage) & 1u) == 0) return false;
  if (rule.codes.size() > 0) {
    const int code = facts.code.value_or(facts.klass);
    const auto begins = [&](const CodeBegin& begin) { return begin.none() ? !facts.code : begin.begins(code); };
    if (std::ranges::none_of(rule.codes.of(table.codes), begins)) return false;
  }
  if (rule.statuses.size() > 0) {
    const auto matches = [&](const StatusPattern& pattern) { return pattern.matches(*facts.status); };
    if (!facts.status || std::ranges::none_of(rule.statuses.of(table.statuses), matches)) return false;
  }
  return rule.receiver < 0 || facts.receiver == rule.receiver || facts.receiver_like == rule.receiver;
}

base::Result<std::string> file_content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return base::Error{base::ErrorCode::io, "cannot be read", "check the file's rights", path.string()};
  return text;
}

/// Whether a text is more than a code's bare phrase ("recipient address rejected"): four words, host names and
/// addresses not counted, or as many letters in a script that writes no blanks.
bool is_sentence(std::string_view plain) {
  constexpr int kWords = 4;
  constexpr int kForeignLetters = 24;  // bytes; eight of Chinese or Japanese
  int words = 0, foreign = 0;
  bool in_word = false, host = false;
  const auto end_word = [&] {
    words += in_word && !host;
    in_word = host = false;
  };
  for (const char c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    host = host || c == kInner;
    foreign += byte >= 0xe0;
    if (c == ' ' || c == '\n')
      end_word();
    else
      in_word = in_word || byte >= 0x80 || (c >= 'a' && c <= 'z');
  }
  end_word();
  return words >= kWords || foreign * 3 >= kForeignLetters;
}

class LoadedRules : public Rules {
 public:
  base::Result<void> load_own(const std::filesystem::path& folder);
  [[nodiscard]] Verdict judge(const Observation& seen) const override;
  [[nodiscard]] std::vector<Candidate> weigh(const Observation& seen) const override;
  [[nodiscard]] std::size_t size() const override { return built_in_.rules.size() + own_.rules.size(); }
  [[nodiscard]] std::size_t bytes() const override { return built_in_.bytes() + own_.bytes(); }

 private:
  struct Speaking {
    const RuleTable* table = nullptr;
    std::uint32_t rule = 0;
    PhraseFind find;
    int score = 0;
    bool aside = false;  // its words name another matter in passing
    [[nodiscard]] const Rule& operator*() const { return table->rules[rule]; }
    [[nodiscard]] std::string_view id() const { return table->text((**this).id); }
  };

  static void add_speaking(const RuleTable& table, const Facts& facts, const PlainText& plain,
                           std::vector<Speaking>& out);
  std::vector<Speaking> speaking(const Facts& facts, const PlainText& plain, std::string_view raw) const;
  static void put_back_asides(std::vector<Speaking>& all, const PlainText& plain, std::string_view raw);
  static bool before(const Speaking& a, const Speaking& b);
  static bool is_read(const Rule& winner, const std::vector<Speaking>& all);
  static bool is_gainsaid(const std::vector<Speaking>& all);
  static Candidate candidate(const Speaking& speaks, const PlainText& plain, std::string_view raw);
  static std::string quote(const Speaking& speaks, const PlainText& plain, std::string_view raw);

  RuleTable built_in_{compiled_rules()};
  RuleTable own_;
  std::vector<std::uint64_t> own_memory_;
};

base::Result<void> LoadedRules::load_own(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  if (error)
    return base::Error{base::ErrorCode::io, error.message(), "is it a folder that can be read?", folder.string()};
  std::ranges::sort(paths);
  auto words = built_in_words();
  if (!words) return words.error();
  RuleCompiler compiler(std::move(*words));
  for (const auto& path : paths) {
    auto text = file_content(path);
    if (!text) return text.error();
    auto file = provider::read_rules((folder / path.stem()).string(), *text);
    if (!file) return file.error();
    compiler.add_words(file->words);
    if (auto added = compiler.add(file->replies); !added) return added;
  }
  own_memory_ = compiler.take();
  own_ = RuleTable(own_memory_);
  return base::done;
}

/// The rules of one table that hold: without words, then with.
void LoadedRules::add_speaking(const RuleTable& table, const Facts& facts, const PlainText& plain,
                               std::vector<Speaking>& out) {
  std::vector<PhraseFind> said = table.phrases.find(plain.text);
  // By rule, an `unless` behind its rule's words; of a rule's finds the one of most letters first, then the earliest.
  std::ranges::sort(said, {}, [](const PhraseFind& find) { return std::tuple(find.tag, ~find.letters, find.begin); });
  const auto vetoed = [&](std::uint32_t rule) {
    return std::ranges::binary_search(said, rule * 2 + 1, {}, &PhraseFind::tag);
  };
  for (const std::uint32_t i : table.wordless)
    if (holds(table, table.rules[i], facts) && !vetoed(i)) out.push_back({&table, i, {}, table.rules[i].weight});
  std::uint32_t last = 1;  // no rule's tag
  for (const PhraseFind& find : said) {
    if (find.tag % 2 == 1 || find.tag == std::exchange(last, find.tag)) continue;
    const Rule& rule = table.rules[find.tag / 2];
    if (!holds(table, rule, facts) || vetoed(find.tag / 2)) continue;
    const bool quoted = facts.reply_begin > 0 && plain.origin[find.begin] >= facts.reply_begin;
    out.push_back(
        {&table, find.tag / 2, find, rule.weight + (rule.receiver >= 0 ? kProvider : 0) + (quoted ? kQuoted : 0)});
  }
}

std::vector<LoadedRules::Speaking> LoadedRules::speaking(const Facts& facts, const PlainText& plain,
                                                         std::string_view raw) const {
  std::vector<Speaking> out;
  add_speaking(built_in_, facts, plain, out);
  if (!own_.rules.empty()) add_speaking(own_, facts, plain, out);
  std::uint64_t agreed = 0;  // reasons that a specific status speaks for, as bits
  static_assert(kReasonCount <= 64);
  for (const Speaking& speaks : out)
    if (speaks.find.letters == 0 && speaks.score >= kSpecific) agreed |= std::uint64_t{1} << (*speaks).reason;
  for (Speaking& speaks : out)
    if (speaks.find.letters != 0 && (agreed >> (*speaks).reason & 1) != 0) speaks.score += kAgreement;
  std::ranges::sort(out, before);
  put_back_asides(out, plain, raw);
  return out;
}

/// The winner has to be of the matter; whatever would not win is not looked at.
void LoadedRules::put_back_asides(std::vector<Speaking>& all, const PlainText& plain, std::string_view raw) {
  const auto aside = [&](const Speaking& one) {
    return !one.aside && one.find.letters != 0 && (*one).of_provider == 0 && said_aside(plain, raw, one.find.begin);
  };
  while (all.size() > 1 && aside(all.front())) {
    all.front().aside = true;
    all.front().score += kAside;
    std::rotate(all.begin(), all.begin() + 1, std::upper_bound(all.begin() + 1, all.end(), all.front(), before));
  }
}

bool LoadedRules::before(const Speaking& a, const Speaking& b) {
  if (a.score != b.score) return a.score > b.score;
  if (a.find.letters != b.find.letters) return a.find.letters > b.find.letters;
  return a.id() < b.id();
}

std::string LoadedRules::quote(const Speaking& speaks, const PlainText& plain, std::string_view raw) {
  if (speaks.find.letters == 0) return std::string(plain.line(raw, 0, 0));
  return std::string(plain.line(raw, speaks.find.begin, speaks.find.end));
}

Candidate LoadedRules::candidate(const Speaking& speaks, const PlainText& plain, std::string_view raw) {
  return {.reason = (*speaks).speaks_for(),
          .other_reason = (*speaks).or_else(),
          .rule = std::string(speaks.id()),
          .quote = speaks.find.letters == 0 ? std::string() : quote(speaks, plain, raw),
          .words = plain.text.substr(speaks.find.begin, speaks.find.end - speaks.find.begin),
          .score = speaks.score,
          .letters = speaks.find.letters};
}

/// Whether words speak for the winner's reason, too.
bool LoadedRules::is_read(const Rule& winner, const std::vector<Speaking>& all) {
  return std::ranges::any_of(
      all, [&](const Speaking& speaks) { return (*speaks).reason == winner.reason && speaks.find.letters > 0; });
}

/// Whether words speak for what is not the address's fault. "Recipient rejected" is no more than the code says.
bool LoadedRules::is_gainsaid(const std::vector<Speaking>& all) {
  return std::ranges::any_of(all, [](const Speaking& speaks) {
    const Reason reason = (*speaks).speaks_for();
    return speaks.find.letters > 0 && reason != Reason::recipient_refused && effect_of(reason) != Effect::hard;
  });
}

Verdict LoadedRules::judge(const Observation& seen) const {
  const std::string_view raw = seen.text.substr(0, kTextLimit);
  const Facts facts = facts_of(seen, built_in_);
  const PlainText plain = plain_text(raw);
  const auto all = speaking(facts, plain, raw);
  Verdict verdict;
  if (facts.receiver >= 0)
    verdict.provider = built_in_.text(built_in_.receivers[static_cast<std::size_t>(facts.receiver)].name);
  if (all.empty()) return verdict;
  const Rule& winner = *all.front();
  verdict.reason = winner.speaks_for();
  verdict.other_reason = winner.or_else();
  verdict.score = all.front().score;
  verdict.words_unread = facts.code && !is_read(winner, all) && (is_sentence(plain.text) || is_gainsaid(all));
  // The decisive rule, and what else speaks for the same reason.
  for (const Speaking& speaks : all) {
    if ((*speaks).reason != winner.reason) continue;
    verdict.evidence.push_back({std::string(speaks.id()), quote(speaks, plain, raw)});
    if (verdict.evidence.size() == 3) break;
  }
  return verdict;
}

std::vector<Candidate> LoadedRules::weigh(const Observation& seen) const {
  const std::string_view raw = seen.text.substr(0, kTextLimit);
  const PlainText plain = plain_text(raw);
  std::vector<Candidate> out;
  for (const Speaking& speaks : speaking(facts_of(seen, built_in_), plain, raw))
    out.push_back(candidate(speaks, plain, raw));
  return out;
}

}  // namespace

base::Result<std::unique_ptr<Rules>> Rules::load(const std::filesystem::path& own) {
  auto rules = std::make_unique<LoadedRules>();
  if (!own.empty())
    if (auto loaded = rules->load_own(own); !loaded) return loaded.error();
  return std::unique_ptr<Rules>(std::move(rules));
}

}  // namespace todoku::bounce
