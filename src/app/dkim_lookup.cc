#include "app/dkim_lookup.h"

#include <algorithm>
#include <array>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "authentication/dkim_record.h"
#include "dns/resolver.h"
#include "net/runtime.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::DkimKeyEntry;
using authentication::DkimKeyState;

void judge(DkimLookup& lookup, const dns::Records<std::string>& answer) {
  if (answer.status != dns::Status::ok) {
    lookup.published = dns::temporary(answer.status) ? Published::unavailable : Published::missing;
    lookup.found = dns::to_string(answer.status);
    return;
  }
  lookup.published = answer.records.empty() ? Published::missing : Published::different;
  for (const std::string& text : answer.records) {
    const auto record = authentication::parse_dkim_record(text);
    if (record && authentication::publishes(*record, lookup.key.algorithm, lookup.key.public_key)) {
      lookup.published = Published::yes;
    }
    lookup.found += (lookup.found.empty() ? "" : " | ") + text;
  }
}

}  // namespace

std::string_view to_string(Published published) {
  constexpr std::array<std::string_view, 4> kWords = {"yes", "missing", "different", "unavailable"};
  return kWords[static_cast<std::size_t>(published)];
}

base::Result<std::vector<DkimLookup>> look_up_dkim(Context& context, std::vector<DkimKeyEntry> keys,
                                                   base::Duration limit) {
  net::Runtime runtime{{.threads = 1, .workers = 1}};
  dns::ResolverOptions options = resolver_options(context.config());
  options.limit = std::min(options.limit, limit);
  auto resolver = dns::make_resolver(runtime, options);
  if (!resolver) return std::move(resolver).error();
  std::vector<DkimLookup> lookups;
  for (DkimKeyEntry& key : keys) {
    DkimLookup& lookup = lookups.emplace_back();
    lookup.key = std::move(key);
    judge(lookup, net::run(runtime,
                           (*resolver)->txt(authentication::dkim_record_name(lookup.key.selector, lookup.key.domain))));
  }
  return lookups;
}

int activate_published(Context& context, std::vector<DkimLookup>& lookups) {
  int activated = 0;
  const base::Time now = base::SystemClock().now();
  for (DkimLookup& lookup : lookups) {
    if (lookup.key.state != DkimKeyState::waiting || lookup.published != Published::yes) continue;
    context.store().write_now([&](store::Connection& db) { authentication::activate_dkim_key(db, lookup.key, now); });
    for (DkimLookup& other : lookups) {
      if (other.key.state == DkimKeyState::active && other.key.algorithm == lookup.key.algorithm) {
        other.key.state = DkimKeyState::retired;
        other.key.retired_at = now;
      }
    }
    lookup.key.state = DkimKeyState::active;
    lookup.key.active_at = now;
    ++activated;
  }
  return activated;
}

}  // namespace todoku::app
