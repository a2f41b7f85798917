#include "metrics/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>

namespace todoku::metrics {
namespace {

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

/// {a="x",b="y"}; `le` as one more where it is given.
std::string labels_text(const Family& family, const Labels& values, std::string_view le = {}) {
  const auto& names = family.description().labels;
  assert(names.size() == values.size() && "one value for each label");
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", names[i], escaped(values[i]));
  }
  if (!le.empty()) out += fmt::format("{}le=\"{}\"", out.empty() ? "" : ",", le);
  return out.empty() ? "" : "{" + out + "}";
}

void write_line(std::string& out, const std::string& name, const std::string& labels, double value) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, labels, number(value));
}

/// The series of these labels, or the one of all that were too many.
template <class One>
One& series_of(std::map<Labels, One>& series, const Labels& labels) {
  const auto found = series.find(labels);
  if (found != series.end()) return found->second;
  if (series.size() < Family::kMaxSeries) return series[labels];
  return series[Labels(labels.size(), "other")];
}

}  // namespace

void Counter::add(const Labels& labels, double amount) {
  const std::lock_guard lock(mutex_);
  series_of(series_, labels) += amount;
}

double Counter::value(const Labels& labels) const {
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(labels);
  return found == series_.end() ? 0 : found->second;
}

void Counter::write(std::string& out) const {
  const std::lock_guard lock(mutex_);
  if (series_.empty() && description().labels.empty()) write_line(out, description().name, "", 0);
  for (const auto& [labels, value] : series_) write_line(out, description().name, labels_text(*this, labels), value);
}

void Reading::write(std::string& out) const {
  Series bounded;
  for (const auto& [labels, value] : read_()) series_of(bounded, labels) += value;
  for (const auto& [labels, value] : bounded) write_line(out, description().name, labels_text(*this, labels), value);
}

void Histogram::observe(const Labels& labels, double value) {
  const auto place = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  const std::lock_guard lock(mutex_);
  One& one = series_of(series_, labels);
  one.counts.resize(bounds_.size() + 1);
  ++one.counts[static_cast<std::size_t>(place)];
  one.sum += value;
}

void Histogram::write(std::string& out) const {
  const std::lock_guard lock(mutex_);
  const std::string& name = description().name;
  for (const auto& [labels, one] : series_) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < one.counts.size(); ++i) {
      sum += one.counts[i];
      const std::string bound = i < bounds_.size() ? number(bounds_[i]) : "+Inf";
      write_line(out, name + "_bucket", labels_text(*this, labels, bound), static_cast<double>(sum));
    }
    write_line(out, name + "_sum", labels_text(*this, labels), one.sum);
    write_line(out, name + "_count", labels_text(*this, labels), static_cast<double>(sum));
  }
}

Counter& Registry::counter(Description description) {
  auto family = std::make_unique<Counter>(std::move(description));
  Counter& made = *family;
  families_.push_back(std::move(family));
  return made;
}

void Registry::gauge(Description description, std::function<Reading::Series()> read) {
  families_.push_back(std::make_unique<Reading>(std::move(description), "gauge", std::move(read)));
}

void Registry::gauge(Description description, std::function<double()> read) {
  gauge(std::move(description), [read = std::move(read)] { return Reading::Series{{{}, read()}}; });
}

void Registry::counter(Description description, std::function<double()> read) {
  families_.push_back(std::make_unique<Reading>(std::move(description), "counter",
                                                [read = std::move(read)] { return Reading::Series{{{}, read()}}; }));
}

Histogram& Registry::histogram(Description description, std::vector<double> bounds) {
  auto family = std::make_unique<Histogram>(std::move(description), std::move(bounds));
  Histogram& made = *family;
  families_.push_back(std::move(family));
  return made;
}

std::string Registry::text() const {
  std::string out;
  for (const auto& family : families_) {
    const Description& about = family->description();
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", about.name, about.help, about.name,
                   family->type());
    family->write(out);
  }
  return out;
}

std::vector<double> latency_bounds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
}

}  // namespace todoku::metrics
