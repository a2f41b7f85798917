// `todoku remedy correct` and `suggest`: the right address in the place of a wrong one, and the mail sent to it.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "app/command.h"
#include "app/phrase.h"
#include "app/remedy_command.h"
#include "base/clock.h"
#include "remedy/correction.h"
#include "remedy/suggestion.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using bounce::Language;
using remedy::CorrectionDone;

constexpr Phrase kCorrected = {"{} を {} に訂正しました。\n", "Corrected {} to {}.\n"};
constexpr Phrase kReleased = {"エラー停止を解除しました ({})。\n", "Resumed; it was stopped by: {}.\n"};
constexpr Phrase kAgain = {"配信「{}」のメールを送り直します。\n", "The mail of campaign \"{}\" is sent to it.\n"};
constexpr Phrase kWaited = {"配信「{}」は送信待ちのため、新しいアドレスに送られます。\n",
                            "Campaign \"{}\" was still to be sent, and goes to the new address.\n"};
constexpr Phrase kMayNot = {"同意が記録されていないか未確認のため、メールは送りません。\n",
                            "No mail is sent: there is no consent on record, or the reader is not active.\n"};
constexpr Phrase kNoMail = {"送り直すメールはありません。\n", "There is no failed mail to send again.\n"};
constexpr Phrase kFine = {"このアドレスに似たドメインは見つかりません。\n",
                          "No near domain is known for this address.\n"};

struct Arguments {
  std::string address;
  std::string right;
  std::string campaign;
  std::string format = "text";
};

/// Gives the transaction up with an error that has been told by value.
struct GivenUp {
  base::Error error;
};

base::Result<CorrectionDone> correct_now(Context& context, const Arguments& arguments) {
  std::optional<CorrectionDone> done;
  try {
    context.store().write_now([&](store::Connection& db) {
      remedy::CorrectionWanted wanted{.address = arguments.address, .right = arguments.right};
      if (!arguments.campaign.empty()) {
        auto found = campaign::find(db, arguments.campaign);
        if (!found) throw GivenUp{found.error()};
        wanted.campaign = *std::move(found);
      }
      auto result = remedy::correct_and_resend(db, wanted, base::SystemClock().now());
      if (!result) throw GivenUp{result.error()};
      done = *std::move(result);
    });
  } catch (const GivenUp& given_up) {
    return given_up.error;
  }
  return *std::move(done);
}

bool sends(const CorrectionDone& done) { return done.campaign && !done.waited && !done.may_not; }

void print_text(Context& context, const Arguments& arguments, const CorrectionDone& done) {
  const Language language = context.lang();
  fmt::print(fmt::runtime(kCorrected.in(language)), arguments.address, done.corrected.contact.address);
  for (const auto& stop : done.corrected.released) {
    fmt::print(fmt::runtime(kReleased.in(language)), bounce::explain(stop.reason, language).name);
  }
  if (!done.campaign) return fmt::print("{}", kNoMail.in(language));
  if (done.may_not) return fmt::print("{}", kMayNot.in(language));
  fmt::print(fmt::runtime((done.waited ? kWaited : kAgain).in(language)), done.campaign->name);
  say_who_sends(context, *done.campaign);
}

void print_json(const Arguments& arguments, const CorrectionDone& done) {
  boost::json::array released;
  for (const auto& stop : done.corrected.released) released.emplace_back(bounce::to_string(stop.reason));
  boost::json::object object{{"contact", done.corrected.contact.id.value},
                             {"before", arguments.address},
                             {"address", done.corrected.contact.address},
                             {"released", std::move(released)},
                             {"campaign", nullptr},
                             {"sent_again", sends(done)},
                             {"waited", done.waited}};
  if (done.campaign) object["campaign"] = done.campaign->id.value;
  fmt::print("{}\n", boost::json::serialize(object));
}

void correct(Context& context, const Arguments& arguments) {
  const auto done = correct_now(context, arguments);
  if (!done) return context.fail(done.error(), 2);
  if (arguments.format == "json") return print_json(arguments, *done);
  print_text(context, arguments, *done);
}

void suggest(Context& context, const Arguments& arguments) {
  const auto found = remedy::suggest_addresses(*context.store().read(), arguments.address);
  if (!found) return context.fail(found.error(), 2);
  if (arguments.format == "json") {
    const boost::json::array addresses(found->begin(), found->end());
    return fmt::print("{}\n", boost::json::serialize(addresses));
  }
  for (const std::string& address : *found) fmt::print("{}\n", address);
  if (found->empty()) fmt::print(stderr, "{}", kFine.in(context.lang()));
}

void add_format(CLI::App& command, std::string& format) {
  command.add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

void add_remedy_correct(CLI::App& remedy, Context& context) {
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callbacks outlive this call
  CLI::App* command = remedy.add_subcommand("correct", "Correct a reader's address, and send the failed mail to it");
  command->add_option("address", arguments->address, "The wrong address")->required();
  command->add_option("right", arguments->right, "The right one")->required();
  command->add_option("--campaign", arguments->campaign, "Whose mail to send; else the last one that failed");
  add_format(*command, arguments->format);
  command->callback([&context, arguments] { correct(context, *arguments); });
  CLI::App* near = remedy.add_subcommand("suggest", "What was probably meant by an address with a slip in its domain");
  near->add_option("address", arguments->address, "The address")->required();
  add_format(*near, arguments->format);
  near->callback([&context, arguments] { suggest(context, *arguments); });
}

}  // namespace todoku::app
