// What one receiver allows, and which rule gave each value.
//
// Receivers are told apart by who serves their MX: the provider that data/providers knows (or the one whose limits that
// one shares), else the organisational domain of the first exchanger. The later of these wins: the program's default,
// the operator's for all ("default"), the provider's file, the operator's for this receiver. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "provider/providers.h"

namespace todoku::delivery {

/// One limit that the operator sets.
struct LimitSetting {
  std::string receiver;  // a provider's name, an organisational domain, "smarthost" or "default"
  std::string limit;     // provider::limit_keys()
  std::string value;
  std::string where;  // "todoku.toml:12", or the setting's name
};

struct Allowance {
  std::string receiver;                          // "gmail", "example.co.jp", "smarthost"
  const provider::Provider* provider = nullptr;  // null: unknown
  provider::Limits limits;
  std::map<std::string_view, std::string> rules;  // limit → what gave it
};

/// The receiver of mail for `site` whose first exchanger is `host`. Both in A-labels; `host` may be empty.
[[nodiscard]] std::string receiver_of(const provider::Providers& providers, std::string_view site,
                                      std::string_view host);

inline constexpr std::string_view kSmartHost = "smarthost";

class Allowances {
 public:
  /// `providers` lives longer. The first setting that is no good is the error.
  [[nodiscard]] static base::Result<Allowances> make(const provider::Providers& providers,
                                                     std::vector<LimitSetting> settings);
  /// No settings.
  explicit Allowances(const provider::Providers& providers) : providers_(&providers) {}

  [[nodiscard]] Allowance of(std::string_view receiver) const;
  [[nodiscard]] const provider::Providers& providers() const { return *providers_; }

 private:
  void apply(Allowance& to, std::string_view receiver) const;

  const provider::Providers* providers_;
  std::vector<LimitSetting> settings_;
};

}  // namespace todoku::delivery
