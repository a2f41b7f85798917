// `todoku doctor`: is what receivers look at before they take a mail in order?
#include "app/doctor_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <string>

#include "app/command.h"
#include "app/name_check.h"
#include "app/phrase.h"

namespace todoku::app {
namespace {

using delivery::NameFault;
using delivery::OwnName;

constexpr Phrase kWell{"{0}  名前は {1}、EHLO は {2}: 問題ありません。\n", "{0}  named {1}, EHLO {2}: in order.\n"};
constexpr Phrase kWrong{"{0}  {1}\n", "{0}  {1}\n"};
constexpr Phrase kNothing{
    "調べる送信元アドレスがありません。スマートホスト経由か、この機械にはインターネットのアドレスがありません"
    "(ルーターの内側なら、外側のアドレスを smtp.source_address には書かず、逆引きを手で確認してください)。\n",
    "There is no source address to look at: mail goes to a smart host, or this machine has no address of the internet "
    "(behind a router, look the outer address up by hand: dig -x).\n"};

boost::json::object json_of(const OwnName& name) {
  boost::json::array faults;
  for (const NameFault fault : name.faults) faults.emplace_back(to_string(fault));
  return {{"address", name.address},
          {"helo", name.helo},
          {"names", boost::json::value_from(name.names)},
          {"helo_addresses", boost::json::value_from(name.helo_addresses)},
          {"faults", std::move(faults)}};
}

void print_text(const OwnName& name, bounce::Language language) {
  const auto warnings = name_warnings(name, language);
  if (warnings.empty()) {
    fmt::print(fmt::runtime(kWell.in(language)), name.address, one_line(fmt::format("{}", fmt::join(name.names, ", "))),
               one_line(name.helo));
  }
  for (const std::string& warning : warnings) fmt::print(fmt::runtime(kWrong.in(language)), name.address, warning);
}

void examine(Context& context, const std::string& format) {
  const auto names = look_up_names(context.config(), context.config().duration("dns.timeout"));
  if (!names) return context.fail(names.error());
  boost::json::array all;
  for (const OwnName& name : *names) {
    if (format == "json") {
      all.push_back(json_of(name));
    } else {
      print_text(name, context.lang());
    }
    const auto grave = [](NameFault fault) { return fault != NameFault::helo_differs; };
    if (std::ranges::any_of(name.faults, grave)) context.exit_status = 1;
  }
  if (format == "json") {
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"names", std::move(all)}}));
  } else if (names->empty()) {
    fmt::print("{}", kNothing.in(context.lang()));
  }
}

}  // namespace

void add_doctor(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("doctor", "Is what receivers look at before they take a mail in order?");
  const auto format = std::make_shared<std::string>("text");  // shared: option and callback outlive this call
  command->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, format] { examine(context, *format); });
}

}  // namespace todoku::app
