#include "app/sandbox/behaviour.h"

#include <array>

#include "base/ascii.h"

namespace todoku::app::sandbox {
namespace {

using smtp::Stage;

constexpr auto kBehaviours = std::to_array<Behaviour>({
    {"user-unknown", Stage::rcpt, 550, "5.1.1 <{}>: Recipient address rejected: User unknown in local recipient table"},
    {"host-unknown", Stage::rcpt, 550, "5.1.2 <{}>: Recipient address rejected: Domain not found"},
    {"mailbox-full", Stage::rcpt, 552, "5.2.2 <{}>: This mailbox is full, the account is over quota"},
    {"account-disabled", Stage::rcpt, 550, "5.2.1 <{}>: This account has been disabled"},
    {"refused", Stage::rcpt, 550, "5.7.1 <{}>: The recipient has refused to accept mail from this sender"},
    {"too-big", Stage::eod, 552, "5.3.4 Message size exceeds maximum value"},
    {"virus", Stage::eod, 554, "5.7.1 The file invoice.zip has been infected with the virus Eicar-Test-Signature"},
    {"spam", Stage::eod, 550, "5.7.1 This message was classified as spam and is not accepted"},
    {"content", Stage::eod, 554, "5.6.0 The content of this message is not accepted"},
    {"line-too-long", Stage::eod, 500, "5.5.2 Line too long"},
    {"unauthenticated", Stage::eod, 550, "5.7.26 This mail has been refused since it passes neither SPF nor DKIM"},
    {"blocked", Stage::rcpt, 554, "5.7.1 Service unavailable; the sending host's IP address is on a blocklist"},
    {"rate-limited", Stage::rcpt, 450, "4.7.28 You are sending too fast, slow down and try again later", true},
    {"greylisted", Stage::rcpt, 451, "4.7.1 <{}>: Greylisted, please try again later", true},
    {"system-error", Stage::eod, 451, "4.3.0 Temporary local problem, please try later"},
    {"system-full", Stage::rcpt, 452, "4.3.1 Insufficient system storage"},
    {"slow", Stage::eod, 0, "", false, 800},
    {"complaint", Stage::eod, 0, ""},
});

bool fits(std::string_view local, std::string_view prefix) {
  if (!base::istarts_with(local, prefix)) return false;
  return local.size() == prefix.size() || local[prefix.size()] == '-' || local[prefix.size()] == '+';
}

}  // namespace

std::span<const Behaviour> behaviours() { return kBehaviours; }

const Behaviour* behaviour_of(std::string_view address) {
  const std::string_view local = address.substr(0, address.rfind('@'));
  for (const Behaviour& behaviour : kBehaviours) {
    if (fits(local, behaviour.prefix)) return &behaviour;
  }
  return nullptr;
}

}  // namespace todoku::app::sandbox
