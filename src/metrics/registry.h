// Counters, gauges and histograms, and the text that Prometheus reads (exposition format 0.0.4).
//
// A family is one metric with its labels' names; its series are the labels' values met so far. What a stranger can make
// grow is bounded: past kMaxSeries the labels of a family's new series all become "other". Thread-safe.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::metrics {

using Labels = std::vector<std::string>;  // values, in the order of the family's names

struct Description {
  std::string name;  // "todoku_mails_total"
  std::string help;
  std::vector<std::string> labels = {};
};

class Family {
 public:
  static constexpr std::size_t kMaxSeries = 500;

  explicit Family(Description description) : description_(std::move(description)) {}
  virtual ~Family() = default;
  [[nodiscard]] const Description& description() const { return description_; }
  virtual void write(std::string& out) const = 0;
  /// "counter", "gauge", "histogram"
  [[nodiscard]] virtual std::string_view type() const = 0;

 private:
  Description description_;
};

/// Only grows.
class Counter final : public Family {
 public:
  using Family::Family;
  void add(const Labels& labels = {}, double amount = 1);
  [[nodiscard]] double value(const Labels& labels = {}) const;
  void write(std::string& out) const override;
  [[nodiscard]] std::string_view type() const override { return "counter"; }

 private:
  mutable std::mutex mutex_;
  std::map<Labels, double> series_;  // guarded by mutex_
};

/// Asked when somebody reads: as many series as `read` gives, all of them at once. A gauge, or a counter that somebody
/// else keeps.
class Reading final : public Family {
 public:
  using Series = std::map<Labels, double>;
  Reading(Description description, std::string_view type, std::function<Series()> read)
      : Family(std::move(description)), type_(type), read_(std::move(read)) {}
  void write(std::string& out) const override;
  [[nodiscard]] std::string_view type() const override { return type_; }

 private:
  std::string_view type_;
  std::function<Series()> read_;
};

class Histogram final : public Family {
 public:
  /// `bounds`: upper ones, ascending, without the infinite.
  Histogram(Description description, std::vector<double> bounds)
      : Family(std::move(description)), bounds_(std::move(bounds)) {}
  void observe(const Labels& labels, double value);
  void write(std::string& out) const override;
  [[nodiscard]] std::string_view type() const override { return "histogram"; }

 private:
  struct One {
    std::vector<std::uint64_t> counts;  // one a bound, and one beyond
    double sum = 0;
  };
  const std::vector<double> bounds_;
  mutable std::mutex mutex_;
  std::map<Labels, One> series_;  // guarded by mutex_
};

/// Owns the families; they live as long as it does. Families are added before others read.
class Registry {
 public:
  Counter& counter(Description description);
  void gauge(Description description, std::function<Reading::Series()> read);
  /// The same for one number, and for a counter that the system keeps.
  void gauge(Description description, std::function<double()> read);
  void counter(Description description, std::function<double()> read);
  Histogram& histogram(Description description, std::vector<double> bounds);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] const std::vector<std::unique_ptr<Family>>& families() const { return families_; }

 private:
  std::vector<std::unique_ptr<Family>> families_;
};

/// Seconds from a thousandth to five minutes: what mail and its servers take.
[[nodiscard]] std::vector<double> latency_bounds();

}  // namespace todoku::metrics
