// The parts of `todoku remedy`, each in its file.
#pragma once
#include <string>

#include "campaign/campaign.h"

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_remedy(CLI::App& root, Context& context);
void add_remedy_correct(CLI::App& remedy, Context& context);
void add_remedy_resend(CLI::App& remedy, Context& context);
void add_remedy_split(CLI::App& remedy, Context& context);
void add_remedy_link(CLI::App& remedy, Context& context);
void add_remedy_reflow(CLI::App& remedy, Context& context);
void add_remedy_scan(CLI::App& remedy, Context& context);

/// Says who sends what was laid down: the daemon that runs, or a command to give.
void say_who_sends(Context& context, const campaign::Campaign& campaign);

}  // namespace todoku::app
