#include "app/virus_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/command.h"
#include "app/phrase.h"
#include "base/log.h"
#include "scan/clamd.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr Phrase kInfected = {"ファイル {0} からウイルス {1} が見つかりました。\n",
                              "{0}: the virus {1} was found in this file.\n"};
constexpr Phrase kNotSent = {
    "配信を始めませんでした。ファイルを作成したパソコン全体を検査し、ウイルスを取り除いたファイルで配信を作り直してくだ"
    "さい。\n",
    "Nothing was sent. Scan the whole machine on which the file was made, and make the campaign again without the "
    "virus.\n"};

}  // namespace

bool has_clamd(const Config& config) { return !config.text("clamd.address").empty(); }

base::Result<std::vector<Finding>> scan_files(const Config& config, const std::vector<campaign::TemplateFile>& files) {
  const scan::ClamdOptions options{.address = config.text("clamd.address"), .limit = config.duration("clamd.timeout")};
  std::vector<Finding> findings;
  for (const campaign::TemplateFile& file : files) {
    auto verdict = scan::ask_clamd(options, file.content);
    if (!verdict) {
      base::Error error = std::move(verdict).error();
      error.where = file.path + (error.where.empty() ? "" : ", " + error.where);
      return error;
    }
    findings.push_back({file.path, verdict->virus});
    if (verdict->infected) base::log::warning("virus_found", {{"file", file.path}, {"virus", verdict->virus}});
  }
  return findings;
}

bool is_free_of_viruses(Context& context, const campaign::Campaign& campaign) {
  if (!has_clamd(context.config()) || campaign.state != campaign::State::draft) return true;
  const auto findings = scan_files(context.config(), campaign::template_files(*context.store().read(), campaign.id));
  if (!findings) {
    context.fail(findings.error());
    return false;
  }
  bool clean = true;
  for (const Finding& finding : *findings) {
    if (finding.virus.empty()) continue;
    clean = false;
    fmt::print(stderr, fmt::runtime(kInfected.in(context.lang())), one_line(finding.file), finding.virus);
  }
  if (clean) return true;
  fmt::print(stderr, "{}", kNotSent.in(context.lang()));
  context.exit_status = 1;
  return false;
}

}  // namespace todoku::app
