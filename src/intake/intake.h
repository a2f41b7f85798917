// Takes over what came in about sent mails: reads it, joins it to its mail, keeps it, and lets its consequences follow.
//
// One group is one transaction, the consequences included, so a kill at any moment loses nothing and counts nothing
// twice. Something that was taken before is passed over. Whatever cannot be read is kept as `dead` with the cause,
// never refused: a road that kept offering it would be stuck. Nothing that comes in ever causes a mail.
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "authentication/dkim_verifier.h"
#include "bounce/rules.h"
#include "intake/arrival.h"
#include "intake/consequences.h"
#include "intake/spoofing/own_sources.h"
#include "store/store.h"
#include "tracking/current_tokens.h"

namespace todoku::intake {

enum class State : std::uint8_t {
  joined,   // about a mail of ours
  refusal,  // sent to the unsubscribe address
  reply,    // of a person: given to the reply mailbox untouched
  foreign,  // about a mail that we did not send: evidence of spoofing, never counted against a contact
  aside,    // an automatic answer: marked, not counted
  report,   // a DMARC report
  dead,     // could not be read
};
[[nodiscard]] std::string_view to_string(State state);

struct IntakeOptions {
  std::filesystem::path replies;          // Maildir for persons' replies; made where missing
  std::size_t original_limit = 2 << 20;   // bytes kept of an original
  spoofing::OwnSources own_sources = {};  // where mail in our name may come from
  /// Looks DKIM keys up, by which a DMARC report is known to be its receiver's. Blocks for seconds at most. Empty: none
  /// is.
  authentication::DkimKeyLookup keys = {};
  /// Hears of each new thing once it is stored; for counters. From any thread. May be empty.
  std::function<void(Road, State, bounce::Kind)> observe = {};
};

class Intake final : public Taker {
 public:
  /// All live longer.
  Intake(store::Store& store, tracking::CurrentTokens& tokens, const bounce::Rules& rules, Consequences& consequences,
         IntakeOptions options);

  void take(std::span<const Arrival> arrivals) override;
  void take(std::span<const RelayWord> words) override;

  /// Keeps what a road could not even make an Arrival or a RelayWord of, such as a webhook's malformed request.
  void bury(Road road, std::string_view place, std::string_view content, std::string_view problem, base::Time at);

  struct Item;  // one thing on its way into the store

 private:
  void keep(std::vector<Item> items);
  void store_group(store::Connection& db, std::span<Item> items);

  store::Store& store_;
  tracking::CurrentTokens& tokens_;
  const bounce::Rules& rules_;
  Consequences& consequences_;
  const IntakeOptions options_;
};

}  // namespace todoku::intake
