// `todoku dkim check`: are the keys' records in DNS, and if not, what to do.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/dkim_command.h"
#include "app/dkim_lookup.h"
#include "app/phrase.h"
#include "authentication/dkim_record.h"

namespace todoku::app {
namespace {

using authentication::DkimKeyState;

constexpr base::Duration kLimit{20'000};

constexpr Phrase kYes = {"{0}: 正しく登録されています。\n", "{0}: published, as it should be.\n"};
constexpr Phrase kNowSigns = {"  新しい鍵を確認できたので、これから送るメールはこの鍵で署名します。\n",
                              "  The new key is there, so mails are signed with it from now on.\n"};
constexpr Phrase kMissing = {"{0}: DNS にレコードがありません。次の TXT レコードを登録してください。\n\n",
                             "{0}: there is no record in DNS. Put this TXT record there:\n\n"};
constexpr Phrase kDifferent = {
    "{0}: 別の内容が登録されています。\n  いまの値: "
    "{1}\n次の内容に直してください(途中で切れていないか、余分な引用符がないか)。\n\n",
    "{0}: DNS holds something else.\n  it has: {1}\nChange it to this (is it cut off, or has it quotation marks too "
    "many?):\n\n"};
constexpr Phrase kUnavailable = {"{0}: DNS が応答しません({1})。しばらくしてから再度確認してください。\n",
                                 "{0}: the DNS does not answer ({1}). Try again later.\n"};

struct Arguments {
  std::string domain;
  std::string format = "text";
};

void print_lookup(Context& context, const DkimLookup& lookup, bool now_signs) {
  constexpr const Phrase* kPhrases[] = {&kYes, &kMissing, &kDifferent, &kUnavailable};
  const std::string name = authentication::dkim_record_name(lookup.key.selector, lookup.key.domain);
  fmt::print(fmt::runtime(kPhrases[static_cast<std::size_t>(lookup.published)]->in(context.lang())), name,
             lookup.found);
  if (now_signs) fmt::print("{}", kNowSigns.in(context.lang()));
  if (lookup.published == Published::missing || lookup.published == Published::different) {
    print_record(context, lookup.key);
  }
}

void print_json(const std::vector<DkimLookup>& lookups) {
  boost::json::array array;
  for (const DkimLookup& lookup : lookups) {
    array.push_back({{"domain", lookup.key.domain},
                     {"selector", lookup.key.selector},
                     {"state", to_string(lookup.key.state)},
                     {"published", to_string(lookup.published)},
                     {"found", lookup.found}});
  }
  fmt::print("{}\n", boost::json::serialize(array));
}

void check(Context& context, const Arguments& arguments) {
  const std::string domain = domain_or_stop(context, arguments.domain);
  auto lookups = look_up_dkim(context, keys_or_stop(context, domain), kLimit);
  if (!lookups) return context.fail(lookups.error());
  std::vector<bool> waited;
  for (const DkimLookup& lookup : *lookups) {
    waited.push_back(lookup.key.state == DkimKeyState::waiting);
    if (lookup.published != Published::yes) context.exit_status = 1;
  }
  activate_published(context, *lookups);
  if (arguments.format == "json") return print_json(*lookups);
  for (std::size_t i = 0; i < lookups->size(); ++i) {
    const DkimLookup& lookup = (*lookups)[i];
    print_lookup(context, lookup, waited[i] && lookup.key.state == DkimKeyState::active);
  }
}

}  // namespace

void add_dkim_check(CLI::App& dkim, Context& context) {
  CLI::App* command = dkim.add_subcommand("check", "Look a domain's records up in DNS and say what to do");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("domain", arguments->domain, "The sending domain")->required();
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { check(context, *arguments); });
}

}  // namespace todoku::app
