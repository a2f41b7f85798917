// `todoku bench`: measures the program itself, on real input.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <memory>

#include "app/bench_delivery.h"
#include "app/bench_intake.h"
#include "app/command.h"
#include "app/commands.h"
#include "app/phrase.h"

namespace todoku::app {
namespace {

struct Arguments {
  BenchDelivery bench;
  std::string to;
  std::string size = "10k";
  std::string folder;
  std::string format = "text";
  bool keep = false;
};

base::Error wrong(std::string message, std::string hint, std::string where) {
  return {base::ErrorCode::invalid, std::move(message), std::move(hint), std::move(where)};
}

/// "10k", "1m" or a number of bytes.
base::Result<std::size_t> parse_size(std::string_view text) {
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (problem == std::errc() && number > 0 && number < 100'000'000) {
    if (unit.empty()) return number;
    if (unit == "k") return number * 1000;
    if (unit == "m") return number * 1'000'000;
  }
  return wrong(fmt::format("no size: '{}'", text), "bytes, or with k or m behind, such as 10k", "--size");
}

base::Result<void> read_place(std::string_view to, std::string& host, std::uint16_t& port) {
  const std::size_t colon = to.rfind(':');
  const std::string_view digits = to.substr(colon == std::string_view::npos ? 0 : colon + 1);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (colon == std::string_view::npos || problem != std::errc() || end != digits.data() + digits.size()) {
    return wrong(fmt::format("no server: '{}'", to), "an address and a port, such as 127.0.0.1:2525", "--to");
  }
  host = to.substr(0, colon);
  return base::done;
}

base::Result<void> complete(Arguments& arguments) {
  if (auto read = read_place(arguments.to, arguments.bench.host, arguments.bench.port); !read) return read;
  if (arguments.bench.dead > arguments.bench.domains) {
    return wrong("more dead domains than domains", "give --domains as well", "--dead");
  }
  const auto size = parse_size(arguments.size);
  if (!size) return size.error();
  arguments.bench.size = *size;
  return base::done;
}

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "todoku-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the benchmark can be made");
  return name;
}

/// Made where it is missing, for nobody else to read; figures of a folder that holds other work would be wrong.
base::Result<std::filesystem::path> new_folder(const std::string& name) {
  if (name.empty()) return fresh_folder();
  std::error_code problem;
  const bool made = std::filesystem::create_directories(name, problem);
  if (!problem && (made || std::filesystem::is_empty(name, problem)) && !problem) {
    if (made) std::filesystem::permissions(name, std::filesystem::perms::owner_all);
    return std::filesystem::path(name);
  }
  if (problem) return wrong("the folder cannot be made: " + problem.message(), "name another", "--folder " + name);
  return wrong("the folder is not empty", "name a new one: the benchmark fills it with contacts", "--folder " + name);
}

double per_second(const BenchFigures& f) {
  return f.living_seconds > 0 ? static_cast<double>(f.delivered) / f.living_seconds : 0;
}

double cpu_micros(const BenchFigures& f) {
  return f.delivered > 0 ? 1e6 * f.cpu_seconds / static_cast<double>(f.delivered) : 0;
}

void print_text(const Arguments& arguments, const BenchFigures& f) {
  constexpr double kMebi = 1024.0 * 1024;
  fmt::print("{} mails of {} bytes over {} connections to {}:{}\n", grouped(f.delivered),
             grouped(static_cast<std::int64_t>(f.mail_bytes)), arguments.bench.connections, arguments.bench.host,
             arguments.bench.port);
  fmt::print("  {:>10.0f}  mails a second ({:.2f} s from \"send now\" to the last outcome on disk)\n", per_second(f),
             f.living_seconds);
  if (arguments.bench.dead > 0) {
    fmt::print("  {:>10.2f}  seconds until the {} mails to dead hosts had failed\n", f.seconds, grouped(f.failed));
  }
  fmt::print("  {:>10.1f}  microseconds of CPU a mail\n", cpu_micros(f));
  fmt::print("  {:>10.2f}  seconds from \"send now\" to the first outcome\n", f.first_seconds);
  fmt::print("  {:>10.1f}  MiB resident at most ({:.1f} before sending)\n",
             static_cast<double>(f.resident_peak) / kMebi, static_cast<double>(f.resident_before) / kMebi);
  fmt::print("  {:>10.1f}  bytes on disk for each waiting recipient\n",
             static_cast<double>(f.queue_bytes) / static_cast<double>(arguments.bench.count));
  fmt::print("  {:>10.1f}  milliseconds for the slowest status meanwhile\n", f.slowest_status_ms);
  if (arguments.bench.join) return;
  fmt::print("  {:>10.0f}  contacts a second imported before\n",
             static_cast<double>(arguments.bench.count) / f.import_seconds);
}

void print_json(const Arguments& arguments, const BenchFigures& f) {
  const boost::json::object object{{"count", arguments.bench.count},
                                   {"delivered", f.delivered},
                                   {"failed", f.failed},
                                   {"mail_bytes", f.mail_bytes},
                                   {"connections", arguments.bench.connections},
                                   {"sign", arguments.bench.sign},
                                   {"seconds", f.seconds},
                                   {"living_seconds", f.living_seconds},
                                   {"mails_per_second", per_second(f)},
                                   {"cpu_seconds", f.cpu_seconds},
                                   {"cpu_microseconds_per_mail", cpu_micros(f)},
                                   {"first_outcome_seconds", f.first_seconds},
                                   {"resident_before", f.resident_before},
                                   {"resident_peak", f.resident_peak},
                                   {"queue_bytes", f.queue_bytes},
                                   {"slowest_status_ms", f.slowest_status_ms},
                                   {"import_seconds", f.import_seconds}};
  fmt::print("{}\n", boost::json::serialize(object));
}

void run(Context& context, Arguments& arguments) {
  if (auto ready = complete(arguments); !ready) return context.fail(ready.error(), 2);
  auto folder = new_folder(arguments.folder);
  if (!folder) return context.fail(folder.error(), 2);
  context.data = *std::move(folder);
  const BenchFigures figures = bench_delivery(context, arguments.bench);
  if (arguments.format == "json") {
    print_json(arguments, figures);
  } else {
    print_text(arguments, figures);
  }
  if (figures.delivered != arguments.bench.living()) {
    context.fail({base::ErrorCode::io,
                  fmt::format("{} of {} mails were delivered", figures.delivered, arguments.bench.living()),
                  fmt::format("`todoku --data {} campaign status bench` says why", context.data.string()), ""});
    return;
  }
  if (!arguments.keep && arguments.folder.empty()) context.discard_data();
}

void add_delivery(CLI::App& bench, Context& context) {
  CLI::App* command =
      bench.add_subcommand("delivery", "One campaign through the whole engine to a server that takes everything");
  const auto arguments = std::make_shared<Arguments>();  // shared with the callback
  command->add_option("--to", arguments->to, "IP address and port of the receiving server")->required();
  command->add_option("--count", arguments->bench.count, "Contacts, and so mails")->check(CLI::Range(1, 100'000'000));
  command->add_option("--size", arguments->size, "Of one mail: bytes, or 10k, 1m");
  command->add_option("--connections", arguments->bench.connections, "Open connections")->check(CLI::Range(1, 10'000));
  command->add_option("--sign", arguments->bench.sign, "DKIM: rsa2048 or ed25519")
      ->check(CLI::IsMember({"rsa2048", "ed25519"}));
  command->add_option("--dns", arguments->bench.dns,
                      "Send by MX, asking this name server for everything (ip:port); --to gives the port");
  command->add_option("--domains", arguments->bench.domains, "Spread over so many domains, dN.bench.example")
      ->check(CLI::Range(1, 100'000'000));
  command
      ->add_option("--dead", arguments->bench.dead,
                   "So many of them, evenly spread, are named dN-dead and never answer")
      ->check(CLI::Range(0, 100'000'000));
  command->add_flag("--join", arguments->bench.join,
                    "Help another `bench delivery` along, as a further node on its database (store.url)");
  command->add_flag("--tls", arguments->bench.tls, "STARTTLS; the server's certificate is not verified");
  command->add_option("--folder", arguments->folder, "A new data folder, which is kept; else a temporary one");
  command->add_flag("--keep", arguments->keep, "Keep the temporary data folder");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { run(context, *arguments); });
}

struct IntakeArguments {
  BenchIntake bench;
  std::string to;
  std::string format = "text";
};

void print(const IntakeArguments& arguments, const IntakeFigures& f) {
  const double answered = static_cast<double>(f.taken + f.refused);
  const double rate = f.seconds > 0 ? answered / f.seconds : 0;
  const double cpu = answered > 0 ? 1e6 * f.cpu_seconds / answered : 0;
  if (arguments.format == "json") {
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"taken", f.taken},
                                                                  {"refused", f.refused},
                                                                  {"failed", f.failed},
                                                                  {"seconds", f.seconds},
                                                                  {"mails_per_second", rate},
                                                                  {"sender_cpu_microseconds_per_mail", cpu}}));
    return;
  }
  fmt::print("{} mails taken over, {} refused, {} failed in {:.2f} s\n", grouped(f.taken), grouped(f.refused),
             grouped(f.failed), f.seconds);
  fmt::print("  {:>10.0f}  mails a second\n  {:>10.1f}  microseconds of the senders' CPU a mail\n", rate, cpu);
}

void run_intake(Context& context, IntakeArguments& arguments) {
  if (auto read = read_place(arguments.to, arguments.bench.host, arguments.bench.port); !read) {
    return context.fail(read.error(), 2);
  }
  const IntakeFigures figures = bench_intake(context, arguments.bench);
  print(arguments, figures);
  if (figures.failed == 0) return;
  context.fail(
      {base::ErrorCode::io, fmt::format("{} mails were not answered for", figures.failed), figures.failure, ""});
}

void add_intake_bench(CLI::App& bench, Context& context) {
  CLI::App* command =
      bench.add_subcommand("intake", "Bounces of a campaign of this data folder to a running bounce listener");
  const auto arguments = std::make_shared<IntakeArguments>();  // shared with the callback
  BenchIntake& wanted = arguments->bench;
  command->add_option("--to", arguments->to, "IP address and port of the listener")->required();
  command->add_option("--campaign", wanted.campaign, "Whose mails bounce")->required();
  command->add_option("--count", wanted.count, "Bounces")->check(CLI::Range(1, 100'000'000));
  command->add_option("--size", wanted.size, "Bytes of one")->check(CLI::Range(1, 10'000'000));
  command->add_option("--connections", wanted.connections, "Open connections")->check(CLI::Range(1, 10'000));
  command->add_option("--per-connection", wanted.per_connection, "Bounces over one connection")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--recipient", wanted.recipient, "Send all to this address, not to the return paths");
  command->add_flag("--forged", wanted.forged, "Return paths with wrong signatures");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { run_intake(context, *arguments); });
}

}  // namespace

void add_bench(CLI::App& root, Context& context) {
  CLI::App* bench = root.add_subcommand("bench", "Measure the program itself");
  bench->require_subcommand(1);
  add_delivery(*bench, context);
  add_intake_bench(*bench, context);
}

}  // namespace todoku::app
