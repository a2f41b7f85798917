// `todoku intake PATH…`: what a mail server pipes in ("-"), or files and folders of old bounces.
//
// The pipe's exit status is a mail server's: 0 taken, 75 (EX_TEMPFAIL of sysexits.h) to be offered again. Never one
// that makes it bounce: a bounce must cause no mail.
#include <fmt/format.h>
#include <sysexits.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>

#include "app/command.h"
#include "app/explain_command_buffer.h"
#include "app/intake_command.h"
#include "app/intake_wiring.h"
#include "app/phrase.h"
#include "base/clock.h"
#include "base/log.h"
#include "intake/maildir_watch.h"
#include "store/store.h"

namespace todoku::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kGroup = 100;
constexpr std::size_t kRead = 256 << 10;

struct Arguments {
  std::vector<std::string> paths;
  std::string sender;
  std::string recipient;
};

/// The whole of standard input; nothing where it fails.
std::optional<std::string> read_input() {
  InputBuffer buffer;
  for (;;) {
    const auto n = buffer.append(STDIN_FILENO, kRead);
    if (n < 0) return std::nullopt;
    if (n == 0 || buffer.size() > intake::kLargestMail) return std::string(buffer.bytes());
  }
}

void take_pipe(Context& context, const Arguments& arguments) {
  context.exit_status = EX_TEMPFAIL;  // until it is on disk, whatever happens
  try {
    auto content = read_input();
    if (!content) return base::log::error("intake_pipe", {{"cause", "standard input cannot be read"}});
    auto wiring = IntakeWiring::make(context, context.store());
    if (!wiring) return context.fail(wiring.error(), EX_TEMPFAIL);
    intake::Arrival arrival;
    arrival.sender = arguments.sender;
    arrival.recipient = arguments.recipient;
    arrival.content = *std::move(content);
    if (arrival.content.size() > intake::kLargestMail) arrival.lacking = intake::beginning_alone(intake::kLargestMail);
    arrival.at = base::SystemClock().now();
    (*wiring)->intake().take(std::span(&arrival, 1));
    context.exit_status = EX_OK;
  } catch (const Stop&) {
    context.exit_status = EX_TEMPFAIL;  // what is wrong was said
  } catch (const std::exception& failure) {
    context.fail({base::ErrorCode::unavailable, failure.what(), "the mail server will offer it again", ""},
                 EX_TEMPFAIL);
  }
}

class Files {
 public:
  Files(Context& context, intake::Intake& intake, const Arguments& arguments)
      : context_(context), intake_(intake), arguments_(arguments) {}

  void path(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return file(path, path.parent_path());
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->is_regular_file(error)) file(entry->path(), path);
    }
    if (error) context_.fail({base::ErrorCode::io, error.message(), "", path.string()});
  }

  void flush() {
    if (arrivals_.empty()) return;
    intake_.take(arrivals_);
    taken_ += static_cast<std::int64_t>(arrivals_.size());
    arrivals_.clear();
  }

  [[nodiscard]] std::int64_t taken() const { return taken_; }

 private:
  void file(const fs::path& file, const fs::path& place) {
    auto arrival =
        intake::read_mail_file(file, fs::absolute(place).string(), intake::kLargestMail, base::SystemClock().now());
    if (!arrival) return context_.fail(arrival.error());
    arrival->sender = arguments_.sender;
    arrival->recipient = arguments_.recipient;
    arrivals_.push_back(*std::move(arrival));
    if (arrivals_.size() == kGroup) flush();
  }

  Context& context_;
  intake::Intake& intake_;
  const Arguments& arguments_;
  std::vector<intake::Arrival> arrivals_;
  std::int64_t taken_ = 0;
};

void take_files(Context& context, const Arguments& arguments) {
  std::int64_t known = 0, joined = 0;
  auto wiring = IntakeWiring::make(context, context.store(), [&](auto, intake::State state, auto) {
    ++known;
    if (state == intake::State::joined) ++joined;
  });
  if (!wiring) return context.fail(wiring.error(), 2);
  Files files(context, (*wiring)->intake(), arguments);
  for (const std::string& path : arguments.paths) files.path(path);
  files.flush();
  fmt::print("{}: {}, {}: {}, {}: {}\n", Phrase{"読み込み", "Read"}.in(context.lang()), grouped(files.taken()),
             Phrase{"新規", "new"}.in(context.lang()), grouped(known),
             Phrase{"送信メールと照合", "joined to a mail of ours"}.in(context.lang()), grouped(joined));
}

void take(Context& context, const Arguments& arguments) {
  if (arguments.paths.size() == 1 && arguments.paths.front() == "-") return take_pipe(context, arguments);
  take_files(context, arguments);
}

}  // namespace

void add_intake_take(CLI::App& intake, Context& context) {
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  intake.add_option("PATH", arguments->paths, "Mails and folders of them; - alone: one mail from standard input");
  intake.add_option("--sender", arguments->sender, "Envelope sender, where it is known");
  intake.add_option("--recipient", arguments->recipient, "Envelope recipient; else the header's Delivered-To or To");
  intake.callback([&intake, &context, arguments] {
    if (!intake.get_subcommands().empty()) return;
    if (arguments->paths.empty())
      throw CLI::ValidationError("intake", "name mails, - for standard input, or a command");
    take(context, *arguments);
  });
}

}  // namespace todoku::app
