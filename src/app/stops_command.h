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
void add_stops_review(CLI::App& stops, Context& context);

/// Which stops a command is about, as its options say it.
struct StopChoice {
  std::string reason;
  std::string list;

  /// Errors: no such reason, no such list.
  [[nodiscard]] base::Result<audience::StopFilter> filter(store::Connection& db) const;
};

}  // namespace todoku::app
