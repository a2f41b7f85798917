#include "delivery/allowance.h"

#include <algorithm>

#include "mail/organisational_domain.h"

namespace todoku::delivery {
namespace {

constexpr std::string_view kDefault = "default";

base::Error no_such_receiver(const provider::Providers& providers, const LimitSetting& setting) {
  const auto likeness = [&setting](const provider::Provider& each) {
    return std::ranges::mismatch(each.name, setting.receiver).in1 - each.name.begin();
  };
  const auto nearest = std::ranges::max_element(providers.all(), {}, likeness);
  std::string hint = "a provider of `todoku shaping list`, a domain, \"smarthost\" or \"default\"";
  if (nearest != providers.all().end() && likeness(*nearest) > 0)
    hint = "did you mean '" + nearest->name + "'? " + hint;
  return {base::ErrorCode::invalid, "there is no provider '" + setting.receiver + "'", hint, setting.where};
}

bool may_be_receiver(const provider::Providers& providers, const std::string& name) {
  return name == kDefault || name == kSmartHost || name.find('.') != std::string::npos ||
         providers.of_name(name) != nullptr;
}

}  // namespace

std::string receiver_of(const provider::Providers& providers, std::string_view site, std::string_view host) {
  const provider::Provider* found = host.empty() ? nullptr : providers.of_mx(host);
  if (found == nullptr) found = providers.of_domain(site);
  if (found != nullptr) return found->limits_of.empty() ? found->name : found->limits_of;
  return mail::organisational_domain(host.empty() ? site : host);
}

base::Result<Allowances> Allowances::make(const provider::Providers& providers, std::vector<LimitSetting> settings) {
  provider::Limits trial;
  for (const LimitSetting& setting : settings) {
    if (!may_be_receiver(providers, setting.receiver)) return no_such_receiver(providers, setting);
    if (auto set = provider::set_limit(trial, setting.limit, setting.value); !set) {
      base::Error error = std::move(set).error();
      error.where = setting.where;
      return error;
    }
  }
  Allowances made(providers);
  made.settings_ = std::move(settings);
  return made;
}

void Allowances::apply(Allowance& to, std::string_view receiver) const {
  for (const LimitSetting& setting : settings_) {
    if (setting.receiver != receiver) continue;
    (void)provider::set_limit(to.limits, setting.limit, setting.value);  // make() tried it
    to.rules[provider::find_limit(setting.limit)->name] = setting.where;
  }
}

Allowance Allowances::of(std::string_view receiver) const {
  Allowance made;
  made.receiver = receiver;
  for (const provider::LimitKey& key : provider::limit_keys()) made.rules[key.name] = "default";
  apply(made, kDefault);
  made.provider = providers_->of_name(receiver);
  if (made.provider != nullptr) {
    for (const std::string& name : made.provider->stated) {
      const provider::LimitKey& key = *provider::find_limit(name);
      (void)provider::set_limit(made.limits, name, provider::limit_text(made.provider->limits, key));
      made.rules[key.name] = "providers/" + made.provider->name + ".toml";
    }
  }
  apply(made, receiver);
  return made;
}

}  // namespace todoku::delivery
