#include "app/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cassert>
#include <cstdlib>

#include "base/log.h"
#include "store/store.h"

namespace todoku::app {
namespace {

void set_log_level(const std::string& name) {
  using base::log::Level;
  constexpr std::pair<std::string_view, Level> kLevels[] = {{"debug", Level::debug},
                                                            {"info", Level::info},
                                                            {"warning", Level::warning},
                                                            {"error", Level::error},
                                                            {"off", Level::off}};
  for (const auto& [word, level] : kLevels) {
    if (word == name) base::log::set_level(level);
  }
}

std::string locale_of_messages() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

}  // namespace

Context::Context() = default;
Context::~Context() = default;

void Context::fail(const base::Error& error, int status) {
  fmt::print(stderr, "todoku: {}\n", error.text());
  exit_status = status;
}

std::filesystem::path Context::own_rules() const {
  const std::filesystem::path folder = data / "rules";
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

const Config& Context::config() { return adjustable_config(); }

Config& Context::adjustable_config() {
  if (!config_) {
    auto loaded = load_config();
    if (!loaded) {
      fail(loaded.error(), 2);
      throw Stop{};
    }
    config_ = std::make_unique<Config>(*std::move(loaded));
    set_log_level(config_->text("log.level"));
  }
  return *config_;
}

base::Result<Config> Context::load_config() const {
  return Config::load(config_file.empty() ? data / "todoku.toml" : std::filesystem::path(config_file));
}

base::Result<void> Context::reload_config() {
  auto loaded = load_config();
  if (!loaded) return std::move(loaded).error();
  *config_ = *std::move(loaded);
  set_log_level(config_->text("log.level"));
  return base::done;
}

store::Store& Context::store() { return open_store(false); }

store::Store& Context::exclusive_store() {
  assert(!store_ && "the store is open already");
  return open_store(true);
}

store::Store& Context::open_store(bool exclusive) {
  if (!store_) {
    store::Options options;
    options.url = config().text("store.url");
    options.folder = data;
    options.readers = static_cast<int>(config().integer("store.readers"));
    options.exclusive = exclusive;
    auto opened = store::Store::open(options);
    if (!opened) {
      fail(opened.error());
      throw Stop{};
    }
    store_ = *std::move(opened);
  }
  return *store_;
}

void Context::discard_data() {
  store_.reset();
  std::filesystem::remove_all(data);
}

bounce::Language Context::lang() const {
  const std::string chosen = language.empty() ? locale_of_messages() : language;
  return chosen.starts_with("ja") ? bounce::Language::ja : bounce::Language::en;
}

bool shows_colours(int descriptor) {
  return ::isatty(descriptor) == 1 && std::getenv("NO_COLOR") == nullptr;  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace todoku::app
