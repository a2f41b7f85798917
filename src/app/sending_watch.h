// Watching a campaign that another process sends.
#pragma once
#include <string>

#include "base/id.h"

namespace todoku::app {

class Context;

/// Shows the progress until the campaign is over or somebody stops the watching (SIGINT, SIGTERM: exit status 130),
/// which does not stop the campaign. `daemon`: "pid 4711".
void watch_sending(Context& context, base::CampaignId campaign, const std::string& daemon);

}  // namespace todoku::app
