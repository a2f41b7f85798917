// Whose mail it is that somebody saw in our name.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "intake/spoofing/own_sources.h"

namespace todoku::intake::spoofing {

enum class Origin : std::uint8_t {
  own,         // from an address of ours
  forwarded,   // of ours, by way of somebody else: our signature holds, or the receiver says so
  authorised,  // passes SPF or DKIM in our name, from a place that we do not know: a service of ours, or our secrets
  elsewhere,   // neither: somebody writes our name
};
[[nodiscard]] std::string_view to_string(Origin origin);

/// One row of spoofing_source, but for domain and day.
struct SourceKey {
  std::string address, spring;
  bool signed_by_us = false, dkim = false, spf = false;
  std::string disposition, excuse;
  auto operator<=>(const SourceKey&) const = default;
};

[[nodiscard]] inline bool is_aligned(const SourceKey& key) { return key.dkim || key.spf; }
[[nodiscard]] Origin origin_of(const SourceKey& key, const OwnSources& own);

}  // namespace todoku::intake::spoofing
