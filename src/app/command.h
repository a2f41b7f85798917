// A command of the program. Each lives in its own file NAME_command.cc and offers one function
//
//   void add_NAME(CLI::App& root, Context& context);
//
// that adds a sub-command with its options and a callback; commands.h names them all and main.cc adds them. The
// callback does the work through the Context and sets context.exit_status: 0 done, 1 something failed, 2 wrong usage or
// input.
#pragma once
#include <CLI/App.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "app/config.h"
#include "base/result.h"
#include "bounce/explanation.h"

namespace todoku::store {
class Store;
}

namespace todoku::app {

/// What every command shares. One a process; outlives all commands.
class Context {
 public:
  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  std::filesystem::path data;  // --data
  std::string config_file;     // --config; empty: data/todoku.toml
  std::string language;        // --lang ja|en; empty: the locale
  int exit_status = 0;

  /// Loaded on first use. Prints the error and throws Stop when it cannot be read.
  const Config& config();
  /// For commands that set some keys themselves; before whatever reads them.
  Config& adjustable_config();
  /// Reads the settings anew, for `serve`; on failure the old ones stay.
  [[nodiscard]] base::Result<void> reload_config();
  /// Opened, and the data folder made, on first use; likewise.
  store::Store& store();
  /// The same as the only process of its kind, for sending. Before the first store().
  store::Store& exclusive_store();
  /// Closes the store and removes the data folder: for those that made one for themselves alone.
  void discard_data();
  [[nodiscard]] bounce::Language lang() const;
  /// The folder of the operator's own rules on error texts, DATA/rules; empty where there is none.
  [[nodiscard]] std::filesystem::path own_rules() const;

  /// Prints an error for people on standard error ("todoku: where: what (what to do)") and sets exit_status.
  void fail(const base::Error& error, int status = 1);

 private:
  [[nodiscard]] base::Result<Config> load_config() const;
  store::Store& open_store(bool exclusive);

  std::unique_ptr<Config> config_;
  std::unique_ptr<store::Store> store_;
};

/// Ends the command after its error was printed; caught in main.
struct Stop {};

/// Whether the stream is a terminal that shows colours (and NO_COLOR is not set).
[[nodiscard]] bool shows_colours(int descriptor);

}  // namespace todoku::app
