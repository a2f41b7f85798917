// The parts of `todoku stops`, each in its file.
#pragma once
#include <string>

#include "audience/list.h"
#include "audience/stops.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_stops_list(CLI::App& stops, Context& context);
void add_stops_export(CLI::App& stops, Context& context);
void add_stops_explain(CLI::App& stops, Context& context);
void add_stops_release(CLI::App& stops, Context& context);
void add_stops_retest(CLI::App& stops, Context& context);
void add_stops_domains(CLI::App& stops, Context& context);
void add_stops_review(CLI::App& stops, Context& context);

struct StopChoice;
/// The options --reason, --list and --domain. The choice lives as long as the command.
void add_stop_choice(CLI::App& command, StopChoice& choice);

/// Which stops a command is about, as its options say it.
struct StopChoice {
  std::string reason;
  std::string list;
  std::string domain;

  [[nodiscard]] bool given() const { return !reason.empty() || !list.empty() || !domain.empty(); }
  /// Errors: no such reason, no such list, no domain.
  [[nodiscard]] base::Result<audience::StopFilter> filter(store::Connection& db) const;
};

}  // namespace todoku::app
