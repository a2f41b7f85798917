#include "app/serve/share_meter.h"

#include "app/limit_name.h"
#include "provider/providers.h"

namespace todoku::app {
namespace {

constexpr std::size_t kMostNamed = 100;

}  // namespace

void ShareMeter::update(std::span<const cluster::Line> lines) {
  const std::lock_guard lock(mutex_);
  lines_.clear();
  for (const cluster::Line& line : lines) {
    if (line.held == 0 && line.wanted == 0) continue;
    cluster::Line& sum = lines_[{label(line.receiver), limit_name(line.span)}];
    sum.held += line.held;
    sum.wanted += line.wanted;
    sum.most += line.most;
  }
}

std::string ShareMeter::label(const std::string& receiver) {
  if (provider::Providers::built_in().of_name(receiver) != nullptr || named_.contains(receiver)) return receiver;
  if (named_.size() >= kMostNamed) return "other";
  named_.insert(receiver);
  return receiver;
}

metrics::Reading::Series ShareMeter::series(std::int64_t cluster::Line::* number) const {
  const std::lock_guard lock(mutex_);
  metrics::Reading::Series series;
  for (const auto& [labels, line] : lines_) series[labels] = static_cast<double>(line.*number);
  return series;
}

}  // namespace todoku::app
