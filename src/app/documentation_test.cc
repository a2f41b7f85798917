// Every setting, command and option is in the documentation, and the documentation names none that is not there.
#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "app/command.h"
#include "app/commands.h"
#include "app/mailbox_settings.h"
#include "app/notify_settings.h"
#include "app/sandbox/behaviour.h"
#include "app/serve/health.h"
#include "app/serve/meters.h"
#include "app/serve/web_role.h"
#include "base/ascii.h"
#include "provider/limits.h"

namespace todoku::app {
namespace {

std::string document(const std::string& name) {
  std::ifstream file(std::string(TODOKU_SOURCE_DIR) + "/docs/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Documentation, HasEverySettingWithItsDefaultAndProse) {
  const std::string text = document("configuration.md");
  for (const Key& key : config_keys()) {
    const std::string row = "| `" + std::string(key.name) + "` | " +
                            (key.default_value.empty() ? "" : "`" + std::string(key.default_value) + "`") + " | " +
                            std::string(key.prose) + " |";
    EXPECT_NE(text.find(row), std::string::npos) << "docs/configuration.md lacks: " << row;
  }
}

void expect_documented(const CLI::App& command, const std::string& path, const std::string& text) {
  for (const CLI::App* below : command.get_subcommands({})) {
    const std::string name = path + " " + below->get_name();
    if (below->get_subcommands({}).empty()) {
      EXPECT_NE(text.find("`" + name), std::string::npos) << "docs/commands.md lacks: " << name;
    }
    expect_documented(*below, name, text);
  }
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      EXPECT_NE(text.find("--" + name), std::string::npos) << "docs/commands.md lacks: " << path << " --" << name;
    }
  }
}

TEST(Documentation, HasEveryCommandAndOption) {
  Context context;
  CLI::App root("", "todoku");
  add_commands(root, context);
  expect_documented(root, "todoku", document("commands.md"));
}

TEST(Documentation, HasEveryLimitWithItsDefaultAndProse) {
  const std::string text = document("sending.md");
  const provider::Limits defaults;
  for (const provider::LimitKey& key : provider::limit_keys()) {
    const std::string row = "| `" + std::string(key.name) + "` | `" + provider::limit_text(defaults, key) + "` | " +
                            std::string(key.prose) + " |";
    EXPECT_NE(text.find(row), std::string::npos) << "docs/sending.md lacks: " << row;
  }
}

TEST(Documentation, HasEverySettingOfAMailbox) {
  const std::string text = document("intake.md");
  for (const MailboxKey& key : mailbox_keys()) {
    const std::string row = "| `" + std::string(key.name) + "` | " + std::string(key.prose) + " |";
    EXPECT_NE(text.find(row), std::string::npos) << "docs/intake.md lacks: " << row;
  }
}

TEST(Documentation, HasEverySettingOfANotifyTarget) {
  const std::string text = document("remedies.md");
  for (const NotifyKey& key : notify_keys()) {
    const std::string row = "| `" + std::string(key.name) + "` | " + std::string(key.prose) + " |";
    EXPECT_NE(text.find(row), std::string::npos) << "docs/remedies.md lacks: " << row;
  }
}

/// "get /health", as the paths of an OpenAPI document stand in YAML: by how far they are indented.
std::set<std::string> routes_in(const std::string& yaml) {
  std::set<std::string> routes;
  std::string path;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(' ')) path.clear();
    if (line.starts_with("  /")) path = line.substr(2, line.rfind(':') - 2);
    for (const std::string method : {"get", "post", "put", "patch", "delete"}) {
      if (!path.empty() && line == "    " + method + ":") routes.insert(method + " " + path);
    }
  }
  return routes;
}

TEST(Documentation, HasEveryRouteAndNoOther) {
  Context context;
  std::string folder = (std::filesystem::temp_directory_path() / "todoku-routes-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  context.data = folder;
  Health health;
  Meters meters(health);
  auto role = WebRole::make(context, context.store(), health, meters);
  ASSERT_TRUE(role) << role.error().text();
  std::set<std::string> served;
  const http::Router router = (*role)->router();
  for (const http::Route& route : router.routes()) {
    served.insert(base::ascii_lower(to_string(route.method)) + " " + route.pattern);
  }
  EXPECT_GE(served.size(), 9U);
  EXPECT_THAT(routes_in(document("openapi.yaml")), testing::ContainerEq(served));
  role->reset();
  context.discard_data();
}

TEST(Documentation, HasEveryBehaviourOfTheSandbox) {
  const std::string text = document("sandbox.md");
  for (const auto& behaviour : sandbox::behaviours()) {
    EXPECT_NE(text.find("`" + std::string(behaviour.prefix) + "`"), std::string::npos) << behaviour.prefix;
  }
}

}  // namespace
}  // namespace todoku::app
