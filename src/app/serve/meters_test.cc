// The metrics, the dashboard that shows them, and the documentation that names them.
#include "app/serve/meters.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "store/test_store.h"

namespace todoku::app {
namespace {

using ::testing::HasSubstr;

std::string read(const std::string& path) {
  std::ifstream file(std::string(TODOKU_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Known {
  std::set<std::string> names;  // as Prometheus sees them, histograms with their suffixes
  std::set<std::string> families;
  std::set<std::string> labels = {"le", "instance"};
};

Known known() {
  Health health;
  Meters meters(health);
  const store::TestPlace place(store::Engine::sqlite);
  const auto store = store::open_or_throw(place.options());
  meters.read_from(*store);
  Known known;
  for (const auto& family : meters.registry().families()) {
    const metrics::Description& about = family->description();
    known.families.insert(about.name);
    known.labels.insert(about.labels.begin(), about.labels.end());
    if (family->type() != "histogram") {
      known.names.insert(about.name);
      continue;
    }
    for (const char* suffix : {"_bucket", "_sum", "_count"}) known.names.insert(about.name + suffix);
  }
  return known;
}

std::set<std::string> found_in(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i) found.insert((*i)[1]);
  return found;
}

TEST(Dashboard, ShowsOnlyWhatThereIs) {
  const Known there = known();
  std::set<std::string> shown;
  std::size_t expressions = 0;
  const boost::json::value dashboard = boost::json::parse(read("packaging/grafana/todoku.json"));
  for (const auto& panel : dashboard.at("panels").as_array()) {
    const auto* targets = panel.as_object().if_contains("targets");
    if (targets == nullptr) continue;
    for (const auto& target : targets->as_array()) {
      ++expressions;
      const std::string expr(target.at("expr").as_string());
      const auto names = found_in(expr, R"(\b((?:todoku|process)_\w+))");
      EXPECT_FALSE(names.empty()) << expr;
      for (const std::string& name : names) EXPECT_TRUE(there.names.contains(name)) << name << " in " << expr;
      for (const std::string& label : found_in(expr, R"re((\w+)=~?")re"))
        EXPECT_TRUE(there.labels.contains(label)) << expr;
      shown.insert(names.begin(), names.end());
    }
  }
  EXPECT_GT(expressions, 20U);
  for (const std::string& family : there.families) {
    if (family == "process_start_time_seconds") continue;
    const bool is_shown = shown.contains(family) || shown.contains(family + "_bucket");
    EXPECT_TRUE(is_shown) << family << " is on no panel";
  }
}

TEST(Metrics, AreDocumented) {
  const std::string text = read("docs/operating.md");
  const auto documented = found_in(text, R"(`((?:todoku|process)_\w+)`)");
  EXPECT_EQ(documented, known().families);
}

TEST(Meters, ShowWhatIsHeldOfSharedLimitsByReceiver) {
  Health health;
  Meters meters(health);
  std::vector<cluster::Line> lines = {{.receiver = "gmail", .span = {}, .most = 20, .held = 5, .wanted = 9},
                                      {.receiver = "gmail", .span = std::chrono::hours(1), .most = 20000, .held = 7},
                                      {.receiver = "quiet.example", .span = {}, .most = 10}};
  for (int i = 0; i < 150; ++i) {
    lines.push_back(
        {.receiver = "site" + std::to_string(i) + ".example", .span = {}, .most = 10, .held = 1, .wanted = 2});
  }
  meters.shares(lines);
  const std::string text = meters.registry().text();
  const auto has = [&text](const std::string& line) { return text.find("\n" + line + "\n") != std::string::npos; };
  EXPECT_TRUE(has(R"(todoku_share_held{receiver="gmail",limit="connections"} 5)")) << text;
  EXPECT_TRUE(has(R"(todoku_share_wanted{receiver="gmail",limit="connections"} 9)"));
  EXPECT_TRUE(has(R"(todoku_share_limit{receiver="gmail",limit="connections"} 20)"));
  EXPECT_TRUE(has(R"(todoku_share_held{receiver="gmail",limit="mails_per_hour"} 7)"));
  EXPECT_TRUE(has(R"(todoku_share_held{receiver="site99.example",limit="connections"} 1)"));
  EXPECT_TRUE(has(R"(todoku_share_wanted{receiver="other",limit="connections"} 100)")) << "fifty have no label";
  EXPECT_EQ(text.find("quiet.example"), std::string::npos);
  meters.shares({});
  EXPECT_EQ(meters.registry().text().find("site99"), std::string::npos) << "given up";
}

TEST(Meters, CountWithBoundedLabels) {
  Health health;
  Meters meters(health);
  queue::Outcome outcome;
  outcome.result = queue::Result::failed;
  outcome.reason = "user_unknown";
  outcome.stage = "rcpt";
  outcome.reply_code = 550;
  meters.outcome("gmail", outcome);
  meters.outcome("a-domain-of-somebody.example", outcome);
  outcome.result = queue::Result::delivered;
  outcome.reason = "";
  outcome.reply_code = 250;
  meters.outcome("gmail", outcome);
  net::TlsInfo tls;
  tls.version = "TLSv1.3";
  tls.verified = true;
  meters.session({"gmail", true, base::Duration{20}, &tls});
  meters.session({"gmail", false, base::Duration{20}, nullptr});
  meters.looked_up("mx", dns::Status::no_domain, base::Duration{3});
  meters.exchanged({"/u/{token}", "GET", 200, base::Duration{1}, ""});
  meters.rests("gmail", "held");
  meters.rests("a-domain-of-somebody.example", "suspended");
  meters.set_engine(7, 70);
  const std::string text = meters.registry().text();
  for (const char* line : {
           "todoku_outcomes_total{provider=\"gmail\",result=\"failed\",effect=\"hard\",reason=\"user_unknown\"} 1\n",
           "todoku_outcomes_total{provider=\"other\",result=\"failed\",effect=\"hard\",reason=\"user_unknown\"} 1\n",
           "todoku_outcomes_total{provider=\"gmail\",result=\"delivered\",effect=\"none\",reason=\"\"} 1\n",
           "todoku_replies_total{provider=\"gmail\",stage=\"rcpt\",class=\"5xx\"} 1\n",
           "todoku_sessions_total{provider=\"gmail\",opened=\"no\"} 1\n",
           "todoku_session_tls_total{version=\"TLSv1.3\",trusted=\"yes\",resumed=\"no\"} 1\n",
           "todoku_session_open_seconds_bucket{provider=\"gmail\",le=\"0.025\"} 1\n",
           "todoku_http_requests_total{route=\"/u/{token}\",method=\"GET\",status=\"200\"} 1\n",
           "todoku_rests_total{provider=\"gmail\",kind=\"held\"} 1\n",
           "todoku_rests_total{provider=\"other\",kind=\"suspended\"} 1\n",
           "todoku_connections 7\n",
           "todoku_ready 1\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, HasSubstr("todoku_dns_lookups_total{type=\"mx\","));
}

}  // namespace
}  // namespace todoku::app
