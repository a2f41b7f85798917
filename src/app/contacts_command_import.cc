// `todoku contacts import`: a CSV file into a list, see audience/import.h.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <memory>

#include "app/command.h"
#include "app/contacts_command.h"
#include "app/contacts_command_progress.h"
#include "app/phrase.h"
#include "audience/import.h"
#include "mail/charset.h"

namespace todoku::app {
namespace {

using audience::ImportOptions;
using audience::ImportReport;
using audience::Remark;
using bounce::Language;

std::string_view phrase(Language language, std::string_view ja, std::string_view en) {
  return Phrase{ja, en}.in(language);
}

struct Arguments {
  ImportOptions import;
  std::vector<std::string> mappings;
  std::string delimiter;
  std::string format = "text";
  bool quiet = false;
};

base::Result<char> delimiter_of(const std::string& word) {
  if (word.empty()) return '\0';
  if (word == "comma" || word == ",") return ',';
  if (word == "tab" || word == "\t" || word == "\\t") return '\t';
  if (word == "semicolon" || word == ";") return ';';
  return base::Error{base::ErrorCode::invalid, "no delimiter: " + word, "comma, tab or semicolon", "--delimiter"};
}

std::string_view name_of(char delimiter, Language language) {
  switch (delimiter) {
    case '\t':
      return phrase(language, "タブ区切り", "tab");
    case ';':
      return phrase(language, "セミコロン区切り", "semicolon");
    default:
      return phrase(language, "カンマ区切り", "comma");
  }
}

void print_count(std::string_view name, std::int64_t count) {
  if (count != 0) fmt::print("  {:>13}  {}\n", grouped(count), name);
}

void print_remark(const Remark& remark, std::string_view name, Language language) {
  print_count(name, remark.rows);
  for (const auto& sample : remark.samples) {
    fmt::print("                   {} {}: {}\n", phrase(language, "行", "line"), sample.line, sample.text);
  }
}

void print_text(const ImportReport& report, const Arguments& arguments, double seconds, Language language) {
  const auto t = [language](std::string_view ja, std::string_view en) { return phrase(language, ja, en); };
  const auto& import = arguments.import;
  fmt::print("{} → {}: {} {} ({}, {}, {:.1f} {})\n", import.file.filename().string(), import.list, grouped(report.rows),
             t("行", "rows"), report.charset, name_of(report.delimiter, language), seconds, t("秒", "s"));
  if (import.dry_run) fmt::print("{}\n", t("確認のみ。何も登録していません。", "Dry run: nothing was stored."));
  if (report.resumed_after > 0) {
    fmt::print("{}\n",
               language == Language::ja
                   ? fmt::format("中断していた取り込みを {} 行目の次から再開しました。", grouped(report.resumed_after))
                   : fmt::format("Went on after the first {} rows, which an interrupted import had stored.",
                                 grouped(report.resumed_after)));
  }
  if (!import.dry_run) {
    print_count(t("新しい読者", "new contacts"), report.stored.created);
    print_count(t("内容が変わった読者", "contacts with new values"), report.stored.changed);
    print_count(t("アドレス帳に追加", "joined the list"), report.stored.joined);
    print_count(t("配信停止などの読者 (状態はそのまま)", "may not be mailed (unsubscribed, stopped …) and stay so"),
                report.stored.refused);
  }
  print_count(t("同じアドレスの行 (1件にまとめました)", "rows with an address that came before, merged"),
              report.repeated);
  print_count(t("同意の根拠がない行 (配信されません。--consent で指定)",
                "rows without a basis of consent: not sendable (--consent)"),
              report.without_consent);
  print_remark(report.roles, t("役割アドレス (取り込みました)", "role addresses, imported"), language);
  print_remark(report.near_domains, t("打ち間違いと思われるドメイン (取り込みました)", "likely typos, imported"),
               language);
  print_remark(report.rejects, t("取り込めなかった行", "rejected rows"), language);
  if (report.rejected > 0) {
    fmt::print("{}: {}\n", t("取り込めなかった行の一覧", "Rejected rows are in"), report.rejects_file.string());
  }
}

boost::json::object json_of(const Remark& remark) {
  boost::json::array samples;
  for (const auto& sample : remark.samples) samples.push_back({{"line", sample.line}, {"text", sample.text}});
  return {{"rows", remark.rows}, {"samples", std::move(samples)}};
}

void print_json(const ImportReport& report, const Arguments& arguments, double seconds) {
  const boost::json::object object{{"file", arguments.import.file.string()},
                                   {"list", arguments.import.list},
                                   {"dry_run", arguments.import.dry_run},
                                   {"rows", report.rows},
                                   {"accepted", report.accepted},
                                   {"rejected", report.rejected},
                                   {"repeated", report.repeated},
                                   {"without_consent", report.without_consent},
                                   {"created", report.stored.created},
                                   {"changed", report.stored.changed},
                                   {"joined", report.stored.joined},
                                   {"refused", report.stored.refused},
                                   {"resumed_after", report.resumed_after},
                                   {"roles", json_of(report.roles)},
                                   {"near_domains", json_of(report.near_domains)},
                                   {"rejects", json_of(report.rejects)},
                                   {"rejects_file", report.rejects_file.string()},
                                   {"encoding", report.charset},
                                   {"delimiter", std::string(1, report.delimiter)},
                                   {"seconds", seconds}};
  fmt::print("{}\n", boost::json::serialize(object));
}

base::Result<void> complete(Arguments& arguments, Language language) {
  arguments.import.language = language;
  const auto delimiter = delimiter_of(arguments.delimiter);
  if (!delimiter) return delimiter.error();
  arguments.import.format.delimiter = *delimiter;
  const auto& charset = arguments.import.format.charset;
  if (!charset.empty() && !mail::charset_known(charset)) {
    return base::Error{base::ErrorCode::invalid, "no such encoding: " + charset, "for example utf-8 or shift_jis",
                       "--encoding"};
  }
  for (const auto& text : arguments.mappings) {
    auto mapping = audience::parse_mapping(text);
    if (!mapping) return std::move(mapping).error();
    arguments.import.mappings.push_back(*std::move(mapping));
  }
  return base::done;
}

void import(Context& context, Arguments& arguments) {
  using Clock = ImportProgressLine::Clock;
  const auto language = context.lang();
  if (auto ready = complete(arguments, language); !ready) return context.fail(ready.error(), 2);
  const auto start = Clock::now();
  const auto report = [&] {
    ImportProgressLine line(::isatty(STDERR_FILENO) == 1, language);
    return audience::import_contacts(context.store(), arguments.import, base::SystemClock(),
                                     [&](const audience::ImportProgress& progress) {
                                       if (!arguments.quiet) line.show(progress, Clock::now());
                                     });
  }();
  if (!report) return context.fail(report.error(), report.error().code == base::ErrorCode::io ? 1 : 2);
  const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (arguments.format == "json") {
    print_json(*report, arguments, seconds);
  } else {
    print_text(*report, arguments, seconds, language);
  }
}

}  // namespace

void add_contacts_import(CLI::App& contacts, Context& context) {
  CLI::App* command = contacts.add_subcommand("import", "Import a CSV file into a list");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("file", arguments->import.file, "CSV file with a header line")->required();
  command->add_option("--list", arguments->import.list, "List to put the contacts into; made where missing")
      ->required();
  command->add_option("--map", arguments->mappings,
                      "COLUMN=FIELD: a column, by name or number, is email, name, consent, a field's name, or - for "
                      "nothing; may be repeated");
  command->add_option("--consent", arguments->import.consent,
                      "Basis of consent of these contacts, recorded with the time (form, business card, existing "
                      "customers …); without one they are imported but not sent to");
  command->add_option("--encoding", arguments->import.format.charset, "utf-8, shift_jis …; else detected");
  command->add_option("--delimiter", arguments->delimiter, "comma, tab or semicolon; else detected");
  command->add_option("--rejects", arguments->import.rejects, "File for rejected rows; else FILE.rejected.csv");
  command->add_flag("--dry-run", arguments->import.dry_run, "Check and report, store nothing");
  command->add_flag("--quiet", arguments->quiet, "No progress");
  command->add_option("--format", arguments->format, "text or json")->check([](const std::string& word) {
    return word == "text" || word == "json" ? std::string() : "text or json, not " + word;
  });
  command->callback([&context, arguments] { import(context, *arguments); });
}

}  // namespace todoku::app
