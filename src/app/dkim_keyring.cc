#include "app/dkim_keyring.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "app/command.h"
#include "authentication/dkim_key_file.h"
#include "authentication/dkim_record.h"
#include "base/log.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::DkimAlgorithm;
using authentication::DkimKeyEntry;
using authentication::DkimKeyState;
using base::Error;
using base::ErrorCode;
using base::Result;

std::filesystem::path path_of(const std::filesystem::path& data, const DkimKeyEntry& key) {
  return authentication::dkim_key_path(data / "dkim", key.domain, key.selector);
}

/// "t20261124", "t20261124b", …: the next that the domain does not have. Ed25519's begin with e.
std::string free_selector(const std::vector<DkimKeyEntry>& keys, DkimAlgorithm algorithm, base::Time now) {
  const auto day = std::chrono::floor<std::chrono::seconds>(now);
  const std::string date = fmt::format("{}{:%Y%m%d}", algorithm == DkimAlgorithm::rsa_sha256 ? 't' : 'e',
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(day)));
  std::string selector = date;
  for (char letter = 'b'; std::ranges::find(keys, selector, &DkimKeyEntry::selector) != keys.end(); ++letter) {
    selector = date + letter;
  }
  return selector;
}

Result<DkimKeyEntry> entry_of(Context& context, const DkimKeyWanted& wanted, base::Time now) {
  const auto keys = authentication::dkim_keys(*context.store().read(), wanted.domain);
  DkimKeyEntry entry;
  entry.domain = wanted.domain;
  entry.selector = wanted.selector.empty() ? free_selector(keys, wanted.algorithm, now) : wanted.selector;
  entry.algorithm = wanted.algorithm;
  entry.state = wanted.state;
  entry.created_at = now;
  if (wanted.state == DkimKeyState::active) entry.active_at = now;
  if (!authentication::is_selector(entry.selector)) {
    return Error{ErrorCode::invalid, fmt::format("'{}' cannot be a selector", entry.selector),
                 "letters, digits and hyphens, such as news2026", "--selector"};
  }
  if (std::ranges::find(keys, entry.selector, &DkimKeyEntry::selector) != keys.end()) {
    return Error{ErrorCode::exists, fmt::format("{} has a key '{}' already", entry.domain, entry.selector),
                 "choose another selector", "--selector"};
  }
  return entry;
}

}  // namespace

Result<DkimKeyEntry> make_dkim_key(Context& context, const DkimKeyWanted& wanted) {
  auto entry = entry_of(context, wanted, base::SystemClock().now());
  if (!entry) return entry;
  const auto key = authentication::DkimKey::generate(wanted.algorithm);
  entry->public_key = key.public_text();
  const std::filesystem::path path = path_of(context.data, *entry);
  if (auto saved = authentication::save_dkim_key(path, key); !saved) return std::move(saved).error();
  Result<void> added = base::done;
  context.store().write_now([&](store::Connection& db) { added = authentication::add_dkim_key(db, *entry); });
  if (added) return entry;
  std::filesystem::remove(path);
  return std::move(added).error();
}

Result<std::vector<delivery::SigningDomain>> load_signing_domains(Context& context) {
  return load_signing_domains(context.store(), context.data);
}

Result<std::vector<delivery::SigningDomain>> load_signing_domains(store::Store& store,
                                                                  const std::filesystem::path& data) {
  std::vector<delivery::SigningDomain> domains;
  for (const DkimKeyEntry& entry : authentication::dkim_keys(*store.read())) {
    if (entry.state != DkimKeyState::active) continue;
    auto key = authentication::load_dkim_key(path_of(data, entry));
    if (!key) {
      Error error = std::move(key).error();
      error.hint = fmt::format("bring the file back, or make a new key: `todoku dkim rotate {} --now`", entry.domain);
      return error;
    }
    if (domains.empty() || domains.back().domain != entry.domain) domains.push_back({entry.domain, {}});
    domains.back().keys.push_back({entry.selector, *std::move(key)});
  }
  return domains;
}

void remove_dkim_key(Context& context, const DkimKeyEntry& key) {
  context.store().write_now([&](store::Connection& db) { authentication::forget_dkim_key(db, key); });
  std::error_code problem;
  std::filesystem::remove(path_of(context.data, key), problem);
  if (problem) base::log::warning("dkim_key_left", {{"selector", key.selector}, {"cause", problem.message()}});
}

}  // namespace todoku::app
