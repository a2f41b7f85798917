#include "app/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace todoku::app {
namespace {

using namespace std::chrono_literals;

class ConfigTest : public ::testing::Test {
 protected:
  std::filesystem::path file(std::string_view content) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "todoku-config-test.toml";
    std::ofstream(path) << content;
    return path;
  }
};

TEST_F(ConfigTest, HasADefaultForEveryKeyThatFitsItsType) {
  const auto config = Config::load("/nonexistent/todoku.toml");
  ASSERT_TRUE(config);
  for (const Key& key : config_keys()) {
    switch (key.type) {
      case KeyType::integer:
        (void)config->integer(key.name);
        break;
      case KeyType::boolean:
        (void)config->boolean(key.name);
        break;
      case KeyType::duration:
        (void)config->duration(key.name);
        break;
      default:
        (void)config->texts(key.name);
    }
    EXPECT_FALSE(key.prose.empty()) << key.name;
  }
}

TEST_F(ConfigTest, ReadsTheFileThenTheEnvironment) {
  const auto path = file("[smtp]\nhelo = \"mx.example.jp\"\nport = 2525\n[dns]\nstub = [\"127.0.0.53:53\", \"::1\"]\n");
  ::setenv("TODOKU_SMTP_PORT", "2626", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  const auto config = Config::load(path);
  ::unsetenv("TODOKU_SMTP_PORT");  // NOLINT(concurrency-mt-unsafe)
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->text("smtp.helo"), "mx.example.jp");
  EXPECT_EQ(config->integer("smtp.port"), 2626);
  EXPECT_EQ(config->texts("dns.stub"), (std::vector<std::string>{"127.0.0.53:53", "::1"}));
}

TEST_F(ConfigTest, SaysWhereAnUnknownKeyStandsAndWhatWasMeant) {
  const auto config = Config::load(file("[smtp]\n\nhello = \"x\"\n"));
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().where.find(":3"), std::string::npos);
  EXPECT_NE(config.error().hint.find("smtp.helo"), std::string::npos);
}

TEST_F(ConfigTest, RefusesAWrongTypeAndBrokenToml) {
  EXPECT_FALSE(Config::load(file("[smtp]\nport = \"many\"\n")));
  EXPECT_FALSE(Config::load(file("[smtp\n")));
}

TEST_F(ConfigTest, ReadsHowToSendToWhomAndFromWhere) {
  const auto config = Config::load(
      file("[smtp]\nport = 26\n[shaping.gmail]\nconnections = 3\nmails_per_second = 2.5\n"
           "[shaping.\"example.co.jp\"]\nidle = \"9s\"\n[[source]]\naddress = \"192.0.2.1\"\nhelo = \"a.example.jp\"\n"
           "warm_up = [10, 20]\n[[source]]\naddress = \"192.0.2.2\"\nwarm_up = true\n"));
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_EQ(config->limits().size(), 3U);
  EXPECT_EQ(config->limits()[0].receiver, "example.co.jp");
  EXPECT_EQ(config->limits()[1].limit, "connections");
  EXPECT_EQ(config->limits()[2].value, "2.5");
  EXPECT_NE(config->limits()[1].where.find(":4"), std::string::npos);
  ASSERT_EQ(config->sources().size(), 2U);
  EXPECT_EQ(config->sources()[0].helo, "a.example.jp");
  EXPECT_EQ(config->sources()[0].warm_up, (std::vector<std::int64_t>{10, 20}));
  EXPECT_GT(config->sources()[1].warm_up.size(), 10U);
}

TEST_F(ConfigTest, SaysWhatIsWrongWithShaping) {
  const auto error = [this](std::string_view text) {
    const auto config = Config::load(file(text));
    EXPECT_FALSE(config) << text;
    return config ? std::string() : config.error().text();
  };
  EXPECT_NE(error("[shaping.gmail]\n\nconections = 3\n").find(":3"), std::string::npos);
  EXPECT_NE(error("[shaping.gmail]\nconections = 3\n").find("connections"), std::string::npos);
  EXPECT_NE(error("[shaping.gmial]\nconnections = 3\n").find("gmail"), std::string::npos);
  EXPECT_NE(error("[shaping.example.co.jp]\nconnections = 3\n").find("quotes"), std::string::npos);
  EXPECT_NE(error("[shaping]\ngmail = 3\n").find("table"), std::string::npos);
  EXPECT_NE(error("[[source]]\nhelo = \"a\"\n").find("address"), std::string::npos);
  EXPECT_NE(error("[[source]]\naddress = \"192.0.2.1\"\nwarmup = true\n").find("warmup"), std::string::npos);
  EXPECT_NE(error("[[source]]\naddress = \"192.0.2.1\"\nwarm_up = 5\n").find("mails a day"), std::string::npos);
}

TEST_F(ConfigTest, NeverShowsASecretInAnError) {
  Config config = *Config::load("/nonexistent");
  EXPECT_TRUE(config.set("smarthost.password", "hunter2", "here"));
  EXPECT_EQ(config.text("smarthost.password"), "hunter2");
}

}  // namespace
}  // namespace todoku::app
