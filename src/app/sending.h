// Sending in the foreground: runs the engine until the campaign is over or somebody stops it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/id.h"
#include "campaign/status.h"

namespace todoku::store {
class Store;
}

namespace todoku::app {

class Context;

class Sending {
 public:
  enum class End : std::uint8_t {
    finished,
    paused,       // by another command
    cancelled,    // likewise
    interrupted,  // SIGINT or SIGTERM: goes on with the next send
  };

  /// Both live longer. Prints and throws Stop where a setting is no good.
  Sending(Context& context, store::Store& store);
  ~Sending();

  /// Looks how far it is after each `every`, and tells `progress`.
  End run(base::CampaignId campaign, const std::function<void(const campaign::Status&)>& progress,
          base::Duration every = base::Duration{250});

 private:
  class Run;
  std::unique_ptr<Run> run_;
};

}  // namespace todoku::app
