#include "app/serve/own_names.h"

#include <algorithm>
#include <future>

#include "app/delivery_settings.h"
#include "base/log.h"

namespace todoku::app {
namespace {

constexpr base::Duration kEvery = std::chrono::hours(1);
constexpr base::Duration kAfterSilence = std::chrono::minutes(1);

}  // namespace

base::Result<std::unique_ptr<OwnNames>> OwnNames::start(const Config& config, Health& health) {
  std::unique_ptr<OwnNames> names(new OwnNames(sending_names(config), health));
  auto resolver = dns::make_resolver(names->runtime_, resolver_options(config));
  if (!resolver) return std::move(resolver).error();
  names->resolver_ = *std::move(resolver);
  OwnNames* self = names.get();
  names->thread_ = std::jthread([self](const std::stop_token& stop) { self->run(stop); });
  return names;
}

OwnNames::~OwnNames() {
  thread_.request_stop();
  runtime_.close(base::Duration{0});  // a question under way ends as cancelled
  if (thread_.joinable()) thread_.join();
}

void OwnNames::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    look(stop);
    std::unique_lock lock(mutex_);
    waking_.wait_for(lock, stop, unanswered_ ? kAfterSilence : kEvery, [] { return false; });
  }
}

void OwnNames::look(const std::stop_token& stop) {
  std::vector<delivery::OwnName> found;
  try {
    found = look_up_names(runtime_, *resolver_, names_);
  } catch (const std::future_error&) {  // the runtime was closed before the question was asked
    return;
  }
  if (stop.stop_requested()) return;
  std::string warning;
  unanswered_ = false;
  for (const delivery::OwnName& name : found) {
    unanswered_ = unanswered_ || std::ranges::count(name.faults, delivery::NameFault::unanswered) > 0;
    for (const std::string& text : name_warnings(name, bounce::Language::en)) {
      warning += (warning.empty() ? "" : " ") + text;
    }
  }
  health_.warn("own_name", warning);
  if (warning != said_ && !warning.empty()) base::log::warning("own_name_wrong", {{"cause", warning}});
  said_ = warning;
}

}  // namespace todoku::app
