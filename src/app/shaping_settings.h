// The tables of the settings file that say how to send to whom, and from where:
//
//   [shaping.gmail]                # a provider's name, an organisational domain in quotes, "smarthost" or "default"
//   connections = 3                # src/provider/limits.h
//
//   [[source]]                     # an address of ours
//   address = "192.0.2.25"
//   helo = "mta1.example.jp"
//   warm_up = true                 # or a plan of one's own: [50, 100, 200]
// Includes the TOML library: for .cc files only.
#pragma once
#include <toml++/toml.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "delivery/allowance.h"
#include "delivery/source_pool.h"

namespace todoku::app {

struct ShapingSettings {
  std::vector<delivery::LimitSetting> limits;
  std::vector<delivery::Source> sources;
};

/// From what stands under "shaping" and "source". Errors name file, line and what was meant.
[[nodiscard]] base::Result<ShapingSettings> read_shaping(const toml::table& settings, const std::string& file);

}  // namespace todoku::app
