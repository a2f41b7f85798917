#include "bounce/rules.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <span>
#include <sstream>

#include "base/embedded_file.h"
#include "bounce/explanation.h"
#include "provider/providers.h"

namespace todoku::bounce {

std::span<const base::EmbeddedFile> embedded_rules();

namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Rules& rules() {
  static const std::unique_ptr<Rules> kRules = [] {
    auto loaded = Rules::load();
    if (!loaded) fprintf(stderr, "%s\n", loaded.error().text().c_str());
    if (!loaded) std::abort();
    return std::move(*loaded);
  }();
  return *kRules;
}

Reason judged(std::string_view text, smtp::Stage stage = smtp::Stage::none) {
  return rules().judge({.text = text, .stage = stage}).reason;
}

struct Case {
  std::string_view text;
  Reason reason;
};

// The texts of the error guide, each alone.
constexpr Case kGuide[] = {
    {"User unknown", Reason::user_unknown},
    {"Invalid recipient", Reason::user_unknown},
    {"Invalid user specified", Reason::user_unknown},
    {"Host unknown", Reason::host_unknown},
    {"host not found", Reason::host_unknown},
    {"DNS Error", Reason::host_unknown},
    {"Message size exceeds maximum value", Reason::message_too_big},
    {"Message is too large", Reason::message_too_big},
    {"The file report.doc has been infected with the virus W97M/Melissa", Reason::virus_detected},
    {"Line Too Long", Reason::line_too_long},
    {"Message size exceeds remaining quota", Reason::mailbox_full},
    {"This account is over quota", Reason::mailbox_full},
    {"this mailbox is full", Reason::mailbox_full},
    {"The error that the other server returned was: 550 Unknown user nobody@example.jp", Reason::user_unknown},
    {"Message could not be delivered", Reason::network_error},
};

TEST(Rules, TheGuidesTextsAlone) {
  for (const auto& [text, reason] : kGuide) EXPECT_EQ(to_string(judged(text)), to_string(reason)) << text;
}

TEST(Rules, AFillersStatusDoesNotOverrideTheText) {
  for (const auto& [text, reason] : kGuide)
    for (const auto& status :
         {smtp::EnhancedStatus{5, 0, 0}, smtp::EnhancedStatus{5, 1, 1}, smtp::EnhancedStatus{5, 2, 2}}) {
      const Verdict said = rules().judge({.text = text, .status = status, .generic_status = true});
      EXPECT_EQ(to_string(said.reason), to_string(reason)) << text;
    }
}

std::vector<std::pair<const provider::Provider*, provider::ReplyRule>> all_rules() {
  std::vector<std::pair<const provider::Provider*, provider::ReplyRule>> all;
  for (const auto& file : embedded_rules()) {
    if (file.path == "reasons.toml") continue;
    auto read = provider::read_rules(file.path.substr(0, file.path.size() - 5), file.content);
    EXPECT_TRUE(read.ok()) << (read ? "" : read.error().text());
    for (auto& rule : read->replies) all.emplace_back(nullptr, std::move(rule));
  }
  for (const auto& provider : provider::Providers::built_in().all())
    for (const auto& rule : provider.replies) all.emplace_back(&provider, rule);
  return all;
}

Observation example_of(const provider::ReplyRule& rule, const provider::Provider* provider, const std::string& text,
                       std::string& host) {
  Observation seen{.text = text};
  if (!rule.stage.empty()) seen.stage = *smtp::stage_of(rule.stage.front());
  if (provider != nullptr) host = provider->hosts.empty() ? "" : "mx1." + provider->hosts.front();
  seen.remote_mta = host;
  return seen;
}

// A rule that another one always beats is dead weight that readers would trust.
TEST(Rules, EveryExampleIsWonByItsRule) {
  for (const auto& [provider, rule] : all_rules())
    for (const auto& text : rule.examples) {
      std::string host, recipient;
      Observation seen = example_of(rule, provider, text, host);
      if (provider != nullptr && host.empty()) seen.recipient = recipient = "a@" + provider->domains.front();
      const auto weighed = rules().weigh(seen);
      const std::string winner = weighed.empty() ? "no rule" : weighed.front().rule;
      EXPECT_EQ(winner, rule.id) << text << " <- " << (weighed.empty() ? "" : " <- " + weighed.front().words);
    }
}

// Numbers, hosts and ids are not what a server means.
TEST(Rules, UnrelatedDigitsAndHostsChangeNothing) {
  for (const auto& [provider, rule] : all_rules())
    for (const auto& text : rule.examples) {
      std::string host;
      const Observation seen = example_of(rule, provider, text, host);
      const Reason plain = rules().judge(seen).reason;
      const std::string why = rules().weigh(seen).empty() ? "" : rules().weigh(seen).front().words;
      for (const char* tail :
           {" 5f3-20020a17si1234567", " [203.0.113.77]", " (mx7.relay-4.example.net)", "\r\n", " id=1A2b3C"}) {
        Observation longer = seen;
        const std::string with = text + tail;
        longer.text = with;
        const auto weighed = rules().weigh(longer);
        const Reason now = weighed.empty() ? Reason::unknown : weighed.front().reason;
        EXPECT_EQ(to_string(now), to_string(plain))
            << with << " <- " << (weighed.empty() ? "" : weighed.front().words) << " / " << why;
      }
    }
}

TEST(Rules, WordsOfAnAddressAreNobodysVerdict) {
  EXPECT_EQ(judged("550 5.7.1 <mailbox-full@user-unknown.example> spam message rejected"), Reason::spam_detected);
  EXPECT_EQ(judged("452 4.2.2 <virus@example.com> mailbox full"), Reason::mailbox_full);
}

TEST(Rules, NothingKnownIsUnknown) {
  EXPECT_EQ(judged(""), Reason::unknown);
  EXPECT_EQ(judged("qwertz uiop"), Reason::unknown);
  EXPECT_THAT(rules().judge({.text = "qwertz"}).evidence, IsEmpty());
}

TEST(Rules, EvidenceQuotesTheServer) {
  const Verdict said = rules().judge({.text = "Hello,\r\n550 5.1.1 No Such User here\r\nbye"});
  ASSERT_THAT(said.evidence, Not(IsEmpty()));
  EXPECT_EQ(said.evidence.front().rule, "address/user-unknown");
  EXPECT_EQ(said.evidence.front().quote, "550 5.1.1 No Such User here");
}

TEST(Rules, JapaneseCarriersUnknownUserMayBeARefusal) {
  const Verdict said =
      rules().judge({.text = "550 Unknown user a@docomo.ne.jp", .reply_code = 550, .recipient = "a@docomo.ne.jp"});
  EXPECT_EQ(said.reason, Reason::recipient_refused);
  EXPECT_EQ(said.other_reason, Reason::user_unknown);
  EXPECT_EQ(said.provider, "docomo");
}

smtp::Reply reply(int code, std::string text) {
  smtp::Reply made;
  made.code = code;
  made.status = smtp::EnhancedStatus::parse(text.substr(0, text.find(' ')));
  made.lines = {std::move(text)};
  return made;
}

TEST(Diagnose, APermanentUnknownUserIsHardATransientOneIsNot) {
  const Diagnosis gone =
      diagnose(rules(), reply(550, "5.1.1 User unknown"), smtp::Stage::rcpt, "a@example.jp", "mx.example.jp");
  EXPECT_EQ(gone.reason, Reason::user_unknown);
  EXPECT_EQ(gone.effect, Effect::hard);
  EXPECT_TRUE(gone.permanent);
  const Diagnosis later =
      diagnose(rules(), reply(450, "4.1.1 User unknown"), smtp::Stage::rcpt, "a@example.jp", "mx.example.jp");
  EXPECT_EQ(later.effect, Effect::soft);
  EXPECT_FALSE(later.permanent);
}

TEST(Settle, WordsAloneAreNotHard) {
  Diagnosis said;
  said.reason = Reason::user_unknown;
  said.permanent = true;
  settle(said);
  EXPECT_EQ(said.effect, Effect::soft);
  EXPECT_EQ(said.who_acts, Party::sender_list);
  said.status = smtp::EnhancedStatus{5, 1, 1};
  settle(said);
  EXPECT_EQ(said.effect, Effect::hard);
  said.status = smtp::EnhancedStatus{5, 1, 8};  // of the sender
  settle(said);
  EXPECT_EQ(said.effect, Effect::soft);
  said.status = std::nullopt;
  said.stage = smtp::Stage::rcpt;
  said.reply_code = 550;
  settle(said);
  EXPECT_EQ(said.effect, Effect::hard);
  said.stage = smtp::Stage::eod;
  settle(said);
  EXPECT_EQ(said.effect, Effect::soft);
}

TEST(Settle, ALikelySecondCauseIsNotHard) {
  Diagnosis said;
  said.reason = Reason::user_unknown;
  said.permanent = true;
  said.status = smtp::EnhancedStatus{5, 1, 1};
  said.other_reason = Reason::recipient_refused;
  settle(said);
  EXPECT_EQ(said.effect, Effect::soft);
  said.other_reason = Reason::host_unknown;
  settle(said);
  EXPECT_EQ(said.effect, Effect::hard);
}

// Servers send 5.1.1 for whatever stops a recipient; a sentence that no rule knows may say that it is something else.
TEST(Diagnose, AStatusBesideASentenceThatNobodyReadIsNotHard) {
  const auto effect = [](const char* text) {
    return diagnose(rules(), reply(550, text), smtp::Stage::rcpt, "a@example.jp", "mx.example.jp").effect;
  };
  EXPECT_EQ(effect("5.1.1"), Effect::hard);
  EXPECT_EQ(effect("5.1.1 <a@example.jp>: Recipient address rejected: example.jp"), Effect::hard);
  EXPECT_EQ(effect("5.1.1 <a@example.jp>: User unknown"), Effect::hard);
  EXPECT_EQ(effect("5.1.1 your parcel goes back unopened, our lady sings today"), Effect::soft);
  EXPECT_EQ(effect("5.1.1 本日は閉店いたしました"), Effect::soft);
}

TEST(Settle, ADomainThatIsNotThereNeedsNoReply) {
  Diagnosis said;
  said.reason = Reason::host_unknown;
  said.permanent = true;
  settle(said);
  EXPECT_EQ(said.effect, Effect::hard);
}

/// What servers say at which stage, and what it means: the lines of one file in tests/data/replies.
int judge_all(const std::string& file) {
  std::ifstream in(std::string(TODOKU_SOURCE_DIR) + "/tests/data/replies/" + file);
  int lines = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> fields;
    std::stringstream parts(line);
    for (std::string field; std::getline(parts, field, '\t');) fields.push_back(field);
    EXPECT_EQ(fields.size(), 4u) << line;
    if (fields.size() != 4) continue;
    std::string text;
    for (std::size_t i = 0; i < fields[2].size(); ++i) {
      const bool end = fields[2].compare(i, 2, "\\n") == 0;
      text += end ? '\n' : fields[2][i];
      if (end) ++i;
    }
    const auto stage = smtp::stage_of(fields[1]).value_or(smtp::Stage::none);
    const Verdict said = rules().judge({.text = text, .stage = stage, .remote_mta = fields[0]});
    EXPECT_EQ(to_string(said.reason), fields[3])
        << text << " <- " << (said.evidence.empty() ? "" : said.evidence[0].rule);
    ++lines;
  }
  return lines;
}

TEST(Rules, RepliesOfKnownServers) { EXPECT_GT(judge_all("replies.tsv"), 800); }

TEST(Rules, RepliesMetInTheField) { EXPECT_GT(judge_all("field.tsv"), 700); }

// A refusal before the recipient was named says nothing about the recipient.
TEST(Diagnose, ARefusalOfTheSessionIsNeverHard) {
  for (const auto stage :
       {smtp::Stage::connect, smtp::Stage::ehlo, smtp::Stage::starttls, smtp::Stage::auth, smtp::Stage::mail})
    for (const char* text : {"rejected", "5.7.1 Access denied", "no", "5.1.1 unknown user", "5.1.1 unknown host",
                             "5.1.10 this host accepts no mail"}) {
      const Diagnosis said = diagnose(rules(), reply(550, text), stage, "a@example.jp", "mx.example.jp");
      EXPECT_NE(said.effect, Effect::hard) << smtp::to_string(stage) << " " << text;
    }
}

TEST(Diagnose, AnAcceptedMailIsDelivered) {
  const Diagnosis said =
      diagnose(rules(), reply(250, "2.0.0 Ok: queued"), smtp::Stage::eod, "a@example.jp", "mx.example.jp");
  EXPECT_EQ(said.reason, Reason::delivered);
  EXPECT_EQ(said.effect, Effect::none);
}

class OwnRules : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("own-rules-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::filesystem::path folder_;
};

TEST_F(OwnRules, AreWeighedWithTheOthers) {
  write("ours.toml", R"([[reply]]
id = "closed"
reason = "account_disabled"
weight = 95
says = ["gone fishing"]
examples = ["550 gone fishing"]
)");
  const auto loaded = Rules::load(folder_);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  EXPECT_EQ((*loaded)->judge({.text = "550 user unknown, gone fishing"}).reason, Reason::account_disabled);
}

TEST_F(OwnRules, ErrorsNameFileAndRule) {
  const std::map<std::string, std::string> faults = {
      {"[[reply]]\nid = \"a\"\nreason = \"nonsense\"\nsays = [\"b\"]\nexamples = [\"b\"]\n",
       "unknown reason 'nonsense'"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nsays = [\"<nolist>\"]\nexamples = [\"b\"]\n",
       "unknown word list <nolist>"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nsays = [\"b\"]\n", "no example"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nexamples = [\"b\"]\n", "says nothing"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nsays = [\".. b\"]\nexamples = [\"b\"]\n",
       "a gap at the beginning"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nsays = [\"b\"]\nstage = [\"lunch\"]\nexamples = [\"b\"]\n",
       "unknown stage 'lunch'"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nsays = [\"b\"]\nstatus = [\"9.9\"]\nexamples = [\"b\"]\n",
       "'9.9' is no status"},
      {"[[reply]]\nid = \"a\"\nreason = \"blocked\"\nspeaks = [\"b\"]\nexamples = [\"b\"]\n", "unknown key 'speaks'"},
  };
  for (const auto& [text, message] : faults) {
    write("ours.toml", text);
    const auto loaded = Rules::load(folder_);
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_THAT(loaded.error().text(), HasSubstr(message));
    EXPECT_THAT(loaded.error().where, HasSubstr("ours.toml"));
    EXPECT_THAT(loaded.error().where, HasSubstr("rule a"));
  }
  write("ours.toml", "[[reply]\n");
  const auto loaded = Rules::load(folder_);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().text(), HasSubstr("line 1"));
}

}  // namespace
}  // namespace todoku::bounce
