// Are the addresses that mail goes out from named as receivers want it? Says so in words, with what to do.
#pragma once
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "bounce/explanation.h"
#include "delivery/own_name.h"
#include "dns/resolver.h"
#include "net/runtime.h"

namespace todoku::app {

class Context;

/// An address of ours and the name that goes with it.
struct SendingName {
  std::string address;
  std::string helo;
};

/// By [[source]], else smtp.source_address, else what the system chooses, if that is an address of the internet (behind
/// a router the outer one cannot be known here). Empty: mail goes to a smart host, or nothing is known.
[[nodiscard]] std::vector<SendingName> sending_names(const Config& config);

/// Asks DNS about each, on the runtime's threads. Blocking.
[[nodiscard]] std::vector<delivery::OwnName> look_up_names(net::Runtime& runtime, dns::Resolver& resolver,
                                                           const std::vector<SendingName>& names);
/// The same with a runtime and a resolver of its own; `limit`: of one question.
[[nodiscard]] base::Result<std::vector<delivery::OwnName>> look_up_names(const Config& config, base::Duration limit);

/// What is wrong and what to do, a sentence each; empty: nothing is.
[[nodiscard]] std::vector<std::string> name_warnings(const delivery::OwnName& name, bounce::Language language);

/// Before a campaign is sent: prints the warnings on standard error. Waits a few seconds for the DNS at most.
void check_names(Context& context);

}  // namespace todoku::app
