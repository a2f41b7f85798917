// The program: `todoku COMMAND …`, all commands on one data folder.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "app/command.h"
#include "app/commands.h"
#include "authentication/fast_rsa.h"

namespace todoku::app {
namespace {

std::filesystem::path default_data_folder() {
  if (const char* data = std::getenv("TODOKU_DATA")) return data;  // NOLINT(concurrency-mt-unsafe): before any thread
  if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / ".local/share/todoku";  // NOLINT
  return "todoku-data";
}

int run(int argc, char** argv) {
  Context context;
  context.data = default_data_folder();
  CLI::App root("Todoku: sends newsletters, learns what became of every mail, and explains every delivery error.",
                "todoku");
  root.set_version_flag("--version", "todoku " TODOKU_VERSION);
  add_commands(root, context);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return root.exit(e) == 0 ? 0 : 2;
  } catch (const Stop&) {
    return context.exit_status;
  }
  return context.exit_status;
}

}  // namespace
}  // namespace todoku::app

int main(int argc, char** argv) {
  // Each arena keeps its own peak; the allocator's default of eight a core held up to twice what was in use.
  ::mallopt(M_ARENA_MAX, 2);  // NOLINT(concurrency-mt-unsafe): before any thread
  todoku::authentication::prefer_fast_rsa();
  try {
    return todoku::app::run(argc, argv);
  } catch (const std::exception& e) {
    // The border of main: loss of infrastructure (the database, memory) ends here.
    fmt::print(stderr, "todoku: {}\n", e.what());
    return 1;
  }
}
