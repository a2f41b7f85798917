// The commands that do what an explanation advises (actions of data/rules/reasons.toml), for people and for programs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "audience/contact.h"
#include "bounce/explanation.h"
#include "bounce/reason.h"

namespace todoku::app {

/// Whom and what a command is about; what is empty stands as CAMPAIGN, ADDRESS or DOMAIN.
struct ActionSubject {
  std::string campaign = {};
  std::string address = {};
  std::string sender = {};  // address of the sender, whose domain is to be looked at
};

struct RemedyAction {
  std::string_view action;  // "split_and_resend"
  std::string_view label;   // for people
  std::string command;      // "todoku remedy split 12"
};

/// In the order of the explanation; those that only people can do, such as editing a mail, have no command and are not
/// among them.
[[nodiscard]] std::vector<RemedyAction> actions_of(bounce::Reason reason, const ActionSubject& subject,
                                                   bounce::Language language);

/// One line for each, "→ split over several mails: `todoku remedy split 12`", after so many blanks.
[[nodiscard]] std::string action_lines(bounce::Reason reason, const ActionSubject& subject, bounce::Language language,
                                       int indent);

/// Whether the remedy is to reach the person by other means than mail.
[[nodiscard]] bool asks_by_another_channel(bounce::Reason reason);

/// What is known of the person besides the address: "佐藤 花子  電話: 03-0000-0000  会社: …"; foreign text made safe to
/// show. Empty where nothing is.
[[nodiscard]] std::string other_channels(const audience::Contact& contact);

}  // namespace todoku::app
