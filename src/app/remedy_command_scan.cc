// `todoku remedy scan`: which file of a campaign, or which file at all, has a virus, and which.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/remedy_command.h"
#include "app/virus_check.h"
#include "campaign/variant.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using campaign::TemplateFile;

constexpr std::uintmax_t kLargest = std::uintmax_t{100} << 20;

constexpr Phrase kClean = {"  問題なし     {}\n", "  clean     {}\n"};
constexpr Phrase kInfected = {"  ウイルス検出  {}: {}\n", "  infected  {}: {}\n"};
constexpr Phrase kAllClean = {"{} 個のファイルを検査しました。ウイルスは見つかりませんでした。\n",
                              "{} files scanned; no virus was found.\n"};
constexpr Phrase kTodo = {
    "このファイルを作成したパソコン全体を検査してください。ウイルスを取り除いたファイルで配信を作り直して送ってください"
    "。\n",
    "Scan the whole machine on which the file was made, remove the virus, and make the campaign again from the clean "
    "file.\n"};

struct Arguments {
  std::vector<std::string> subjects;
  std::string format = "text";
};

base::Result<TemplateFile> read_file(const std::filesystem::path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return Error{ErrorCode::io, "cannot be read: " + failed.message(), "check the path", path.string()};
  if (size > kLargest) {
    return Error{ErrorCode::limit, "the file is larger than 100 MB", "scan it with clamdscan", path.string()};
  }
  std::ifstream in(path, std::ios::binary);
  TemplateFile file{path.string(), std::string(std::istreambuf_iterator<char>(in), {})};
  if (!in) return Error{ErrorCode::io, "cannot be read", "check its rights", path.string()};
  return file;
}

/// A campaign of that name or number, else a file.
base::Result<std::vector<TemplateFile>> files_of(Context& context, const std::string& subject) {
  std::error_code failed;
  if (std::filesystem::is_regular_file(subject, failed)) {
    auto file = read_file(subject);
    if (!file) return std::move(file).error();
    return std::vector<TemplateFile>{*std::move(file)};
  }
  const store::Lease db = context.store().read();
  auto campaign = campaign::find(*db, subject);
  if (!campaign) {
    return Error{ErrorCode::not_found, fmt::format("'{}' is neither a campaign nor a file", subject),
                 "`todoku campaign list` shows the campaigns", ""};
  }
  const auto variant = campaign::variant_of(*db, campaign->id);
  return campaign::template_files(*db, variant ? variant->original : campaign->id);
}

void print(Context& context, const Arguments& arguments, const std::vector<Finding>& findings, bool infected) {
  if (arguments.format == "json") {
    boost::json::array files;
    for (const Finding& finding : findings) {
      files.push_back({{"file", finding.file}, {"infected", !finding.virus.empty()}, {"virus", finding.virus}});
    }
    const boost::json::object object{{"infected", infected}, {"files", std::move(files)}};
    return fmt::print("{}\n", boost::json::serialize(object));
  }
  const auto language = context.lang();
  for (const Finding& finding : findings) {
    if (finding.virus.empty()) {
      fmt::print(fmt::runtime(kClean.in(language)), one_line(finding.file));
    } else {
      fmt::print(fmt::runtime(kInfected.in(language)), one_line(finding.file), finding.virus);
    }
  }
  if (infected) return fmt::print("{}", kTodo.in(language));
  fmt::print(fmt::runtime(kAllClean.in(language)), findings.size());
}

void scan(Context& context, const Arguments& arguments) {
  if (!has_clamd(context.config())) {
    return context.fail({ErrorCode::invalid, "no clamd is set that could scan",
                         "install clamav-daemon and set clamd.address (/run/clamav/clamd.ctl)", ""},
                        2);
  }
  std::vector<Finding> findings;
  for (const std::string& subject : arguments.subjects) {
    const auto files = files_of(context, subject);
    if (!files) return context.fail(files.error(), 2);
    auto found = scan_files(context.config(), *files);
    if (!found) return context.fail(found.error());
    findings.insert(findings.end(), found->begin(), found->end());
  }
  const bool infected = std::ranges::any_of(findings, [](const Finding& one) { return !one.virus.empty(); });
  print(context, arguments, findings, infected);
  if (infected) context.exit_status = 1;
}

}  // namespace

void add_remedy_scan(CLI::App& remedy, Context& context) {
  CLI::App* command = remedy.add_subcommand("scan", "Find viruses in the files of a campaign, or in any files");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("WHAT", arguments->subjects, "Campaigns, by name or number, and files")->required();
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { scan(context, *arguments); });
}

}  // namespace todoku::app
