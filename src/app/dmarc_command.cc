// `todoku dmarc import PATH…`: DMARC reports that lie in files, packed or not, alone or in mails.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "app/command.h"
#include "app/commands.h"
#include "app/explain_command_buffer.h"
#include "app/phrase.h"
#include "app/spoofing_settings.h"
#include "authentication/dmarc_file.h"
#include "base/clock.h"
#include "intake/maildir_watch.h"
#include "intake/spoofing/alerts.h"
#include "intake/spoofing/dmarc_mail.h"
#include "intake/spoofing/sources.h"
#include "store/store.h"

namespace todoku::app {
namespace {

namespace fs = std::filesystem;
namespace spoofing = intake::spoofing;

constexpr std::size_t kRead = 256 << 10;

class Import {
 public:
  Import(Context& context, spoofing::OwnSources own) : context_(context), own_(std::move(own)) {}

  void path(const std::string& path) {
    if (path == "-") return input();
    std::error_code error;
    if (!fs::is_directory(path, error)) return file(path);
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->is_regular_file(error)) file(entry->path());
    }
    if (error) context_.fail({base::ErrorCode::io, error.message(), "", path});
  }

  void print() const {
    const bounce::Language language = context_.lang();
    fmt::print("{}: {}, {}: {}, {}: {}\n", Phrase{"レポート", "Reports"}.in(language), grouped(reports_),
               Phrase{"新規", "new"}.in(language), grouped(new_),
               Phrase{"新規分のメール数", "mails in those"}.in(language), grouped(mails_));
  }

 private:
  void input() {
    InputBuffer buffer;
    for (;;) {
      const auto n = buffer.append(STDIN_FILENO, kRead);
      if (n < 0) return context_.fail({base::ErrorCode::io, "standard input cannot be read", "", "-"});
      if (n == 0 || buffer.size() > intake::kLargestMail) return take(buffer.bytes(), "-");
    }
  }

  void file(const fs::path& file) {
    const auto read = intake::read_mail_file(file, "", intake::kLargestMail, base::SystemClock().now());
    if (!read) return context_.fail(read.error());
    take(read->content, file.string());
  }

  void take(std::string_view bytes, const std::string& name) {
    auto reports = authentication::read_dmarc_file(bytes);
    if (!reports) {
      auto mail = spoofing::read_dmarc_mail(bytes);
      if (!mail || mail->reports.empty()) {
        base::Error error = reports.error();
        if (mail) error.message = mail->problem;
        error.where = error.where.empty() ? name : name + ", " + error.where;
        return context_.fail(error);
      }
      reports = std::move(mail->reports);
    }
    for (const auto& report : *reports) record(report, name);
  }

  void record(const authentication::DmarcReport& report, const std::string& name) {
    ++reports_;
    const base::Time now = base::SystemClock().now();
    bool is_new = false;
    context_.store().write_now([&](store::Connection& db) {
      const auto changed = spoofing::record_report(db, report, {}, now);
      is_new = changed.has_value();
      if (changed) spoofing::watch(db, changed->domain, changed->days, own_, now);
    });
    if (!report.problem.empty()) {
      fmt::print(stderr, "todoku: {}: {}: {}\n", one_line(name),
                 Phrase{"不完全なレポート", "the report is not whole"}.in(context_.lang()), report.problem);
    }
    if (!is_new) return;
    ++new_;
    for (const auto& row : report.rows) mails_ += row.mails;
  }

  Context& context_;
  const spoofing::OwnSources own_;
  std::int64_t reports_ = 0, new_ = 0, mails_ = 0;
};

void import(Context& context, const std::vector<std::string>& paths) {
  auto own = own_sources(context.config());
  if (!own) return context.fail(own.error(), 2);
  Import files(context, *std::move(own));
  for (const std::string& path : paths) files.path(path);
  files.print();
}

}  // namespace

void add_dmarc(CLI::App& root, Context& context) {
  CLI::App* dmarc = root.add_subcommand("dmarc", "DMARC reports of receivers");
  dmarc->require_subcommand(1);
  CLI::App* command = dmarc->add_subcommand("import", "Take in reports from files: xml, gz, zip, mails, and folders");
  const auto paths = std::make_shared<std::vector<std::string>>();  // shared: options and callback outlive this call
  command->add_option("PATH", *paths, "Files and folders; -: standard input")->required();
  command->callback([&context, paths] { import(context, *paths); });
}

}  // namespace todoku::app
