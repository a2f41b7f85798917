// `todoku demo`: the main job on invented readers over real SMTP to the sandbox, in a data folder of its own.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <filesystem>
#include <fstream>

#include "app/campaign_making.h"
#include "app/campaign_status_text.h"
#include "app/command.h"
#include "app/commands.h"
#include "app/demo_files.h"
#include "app/phrase.h"
#include "app/sandbox/sandbox.h"
#include "app/sending.h"
#include "app/sending_progress.h"
#include "audience/import.h"
#include "audience/stops.h"
#include "campaign/campaign.h"
#include "net/runtime.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr Phrase kIntroduction = {
    "Todoku の実演: 架空の読者 1,000 人へ、内蔵サンドボックス(受信サーバー)に本物の SMTP で配信します。\n"
    "このパソコンの外へは何も送りません。データフォルダ: {}\n",
    "Todoku's demonstration: a newsletter to 1,000 invented readers, over real SMTP to the built-in sandbox.\n"
    "Nothing leaves this machine. Data folder: {}\n"};
constexpr Phrase kImported = {
    "\n■ 1. 読者の取り込み\n  {} 行のうち {} 行を取り込み、{} 行は読めませんでした({})。重複 {} 行はまとめました。\n",
    "\n■ 1. Readers imported\n  Of {} rows {} were taken, {} were rejected ({}); {} repeated rows were merged.\n"};
constexpr Phrase kLine = {"    {} 行目: {}\n", "    line {}: {}\n"};
constexpr Phrase kNear = {"  打ち間違いかもしれない宛先: {} 件\n", "  Addresses that look mistyped: {}\n"};
constexpr Phrase kSendingTo = {"\n■ 2. 配信(サンドボックス {}:{})\n", "\n■ 2. Sending (sandbox at {}:{})\n"};
constexpr Phrase kArrived = {"\n■ 3. サンドボックスに届いたメール: {} 通({})\n",
                             "\n■ 3. The sandbox took {} mails ({})\n"};
constexpr Phrase kStopped = {"\n■ 4. 自動で配信を止めた読者: {} 人(宛先そのものに原因があるものだけ)\n",
                             "\n■ 4. Readers stopped by themselves: {} (only where the address is at fault)\n"};
constexpr Phrase kMoreStopped = {"    ほか {} 人\n", "    and {} more\n"};
constexpr Phrase kNext = {
    "\n続けて試すには:\n  {0} --data {1} campaign status 1\n  {0} --data {1} stops list\n"
    "  {0} --data {1} contacts show ADDRESS\n",
    "\nTo go on:\n  {0} --data {1} campaign status 1\n  {0} --data {1} stops list\n"
    "  {0} --data {1} contacts show ADDRESS\n"};

constexpr std::size_t kStopsShown = 5;

template <class... Args>
void say(Context& context, const Phrase& phrase, Args&&... args) {
  fmt::print(fmt::runtime(phrase.in(context.lang())), std::forward<Args>(args)...);
}

template <class T>
T need(Context& context, base::Result<T> result) {
  if (result) return *std::move(result);
  context.fail(result.error());
  throw Stop{};
}

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "todoku-demo-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the demonstration can be made");
  return name;
}

/// Retries in seconds instead of hours, and everything to the sandbox.
void set_up(Context& context, const net::Endpoint& sandbox) {
  const std::pair<std::string_view, std::string> settings[] = {{"smarthost.host", sandbox.address},
                                                               {"smarthost.port", std::to_string(sandbox.port)},
                                                               {"smarthost.user", ""},
                                                               {"smarthost.tls", "off"},
                                                               {"smtp.helo", "demo.todoku.invalid"},
                                                               {"delivery.retry_first", "1s"},
                                                               {"delivery.retry_longest", "1s"},
                                                               {"delivery.expire", "3s"},
                                                               {"delivery.connections_per_site", "5"}};
  for (const auto& [key, value] : settings) {
    if (auto set = context.adjustable_config().set(key, value, "demo"); !set) context.fail(set.error());
  }
}

void import(Context& context) {
  audience::ImportOptions options;
  options.file = context.data / "readers.csv";
  options.list = "読者";
  options.consent = "申込フォーム(架空)";
  options.language = context.lang();
  const auto report = need(context, audience::import_contacts(context.exclusive_store(), options, base::SystemClock()));
  say(context, kImported, grouped(report.rows), grouped(report.accepted), grouped(report.rejected),
      report.rejects_file.string(), grouped(report.repeated));
  for (const auto& sample : report.rejects.samples) say(context, kLine, sample.line, sample.text);
  say(context, kNear, grouped(report.near_domains.rows));
  for (const auto& sample : report.near_domains.samples) say(context, kLine, sample.line, sample.text);
}

campaign::Status send(Context& context, store::Store& store) {
  make_campaign(context, {.name = "秋の新作",
                          .list = "読者",
                          .path = context.data / "newsletter",
                          .from = "みどり商店 <news@shop.example.co.jp>",
                          .reply_to = "",
                          .postal_address = "東京都千代田区架空町1-2-3",
                          .contact = "info@shop.example.co.jp"});
  const auto campaign = need(context, campaign::find(*store.read(), "秋の新作"));
  store.write_now([&](store::Connection& db) {
    if (auto started = campaign::start(db, campaign, base::SystemClock().now()); !started)
      context.fail(started.error());
  });
  Sending sending(context, store);
  SendingProgress progress(context.lang());
  const auto end = sending.run(campaign.id, [&progress](const campaign::Status& s) { progress.show(s); });
  const store::Lease db = store.read();
  const auto status = campaign::status_of(*db, campaign::find(*db, campaign.id).value());
  progress.finish(status, end);
  return status;
}

void show_stops(Context& context, store::Store& store) {
  const store::Lease db = store.read();
  const auto stops = audience::find_stops(*db, {});
  say(context, kStopped, grouped(static_cast<std::int64_t>(stops.size())));
  for (std::size_t i = 0; i < std::min(stops.size(), kStopsShown); ++i) {
    fmt::print("    {}  {}\n", stops[i].address, bounce::explain(stops[i].reason, context.lang()).name);
  }
  if (stops.size() > kStopsShown) say(context, kMoreStopped, stops.size() - kStopsShown);
}

void demonstrate(Context& context, bool own_folder) {
  if (!own_folder) context.data = fresh_folder();
  say(context, kIntroduction, context.data.string());
  write_demo_files(context.data);
  net::Runtime runtime({.threads = 1, .workers = 1});
  const auto sandbox = need(context, sandbox::Sandbox::start(runtime, 0, context.data / "sandbox"));
  set_up(context, sandbox->at());
  import(context);
  store::Store& store = context.store();
  say(context, kSendingTo, sandbox->at().address, sandbox->at().port);
  const campaign::Status status = send(context, store);
  say(context, kArrived, grouped(sandbox->tally().taken), (sandbox->mailbox() / "new").string());
  show_stops(context, store);
  say(context, kNext, "todoku", context.data.string());
  if (status.delivered != sandbox->tally().taken) {
    context.fail({base::ErrorCode::io, "the sandbox took another number of mails than were delivered", "", ""});
  }
  runtime.close(base::Duration{1000});
}

}  // namespace

void add_demo(CLI::App& root, Context& context) {
  auto folder = std::make_shared<std::string>();  // shared with the callback
  CLI::App* command = root.add_subcommand("demo", "The main job, on invented readers, against the built-in sandbox");
  command->add_option("folder", *folder, "A new folder for the demonstration's data; else a temporary one");
  command->callback([&context, folder] {
    if (!folder->empty()) context.data = *folder;
    demonstrate(context, !folder->empty());
  });
}

}  // namespace todoku::app
