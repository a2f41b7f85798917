// The settings that all our SMTP servers have, as the server takes them.
#pragma once
#include <string_view>

#include "app/config.h"
#include "smtp/server.h"

namespace todoku::app {

class Meters;

/// `section`: "intake", "submission". Sets what the configuration says and leaves the rest. Meters live longer than the
/// server.
void apply_settings(const Config& config, std::string_view section, Meters& meters, smtp::ServerSettings& settings);

}  // namespace todoku::app
