// What `todoku remedy split`, `link` and `reflow` share: whom it is about, and saying what becomes of it.
#pragma once
#include <CLI/App.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "base/result.h"
#include "bounce/reason.h"
#include "campaign/campaign.h"
#include "remedy/other_form.h"

namespace todoku::app {

struct FormArguments {
  std::string campaign;
  std::string to;                    // an address; empty: all
  std::vector<std::string> reasons;  // words; empty: the remedy's own
  bool dry_run = false;
  std::string format = "text";
};

/// The options that stand for them.
void add_form_options(CLI::App& command, FormArguments& arguments);

/// What they stand for.
struct FormSubject {
  campaign::Campaign campaign;
  std::optional<base::ContactId> only;
  std::vector<bounce::Reason> reasons;
};
[[nodiscard]] base::Result<FormSubject> read_form(Context& context, const FormArguments& arguments,
                                                  std::vector<bounce::Reason> reasons);

/// Of what is added to a mail: Japanese, as its footer is, unless --lang says otherwise.
[[nodiscard]] std::string mail_language(const Context& context);

/// Runs it in a transaction that is given up where it returns an error.
[[nodiscard]] base::Result<void> in_one_transaction(Context& context,
                                                    const std::function<base::Result<void>(store::Connection&)>& work);

/// One line for each count that is not zero; says so where there is nobody at all.
void print_form_counts(Context& context, std::int64_t recipients, std::int64_t waiting, std::int64_t not_mailable);

/// Names the campaigns that carry the mail now, and who sends them.
void print_carried(Context& context, const std::vector<base::CampaignId>& carried, bool dry_run);

}  // namespace todoku::app
