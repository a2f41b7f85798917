// The tables of the settings file that name mailboxes to fetch bounces from:
//
//   [[mailbox]]
//   name = "bounces"
//   server = "imap.example.jp"     # docs/intake.md has all of them
//   user = "bounces@example.jp"
//   password_file = "/etc/todoku/bounces.password"
// Includes the TOML library: for .cc files only.
#pragma once
#include <toml++/toml.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "intake/mailbox/settings.h"

namespace todoku::app {

/// From what stands under "mailbox". Errors name file, line and what was meant.
[[nodiscard]] base::Result<std::vector<intake::mailbox::Settings>> read_mailboxes(const toml::table& settings,
                                                                                  const std::string& file);

/// A setting of a mailbox, for the documentation.
struct MailboxKey {
  std::string_view name;
  std::string_view prose;
};
[[nodiscard]] std::span<const MailboxKey> mailbox_keys();

}  // namespace todoku::app
