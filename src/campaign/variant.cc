#include "campaign/variant.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "campaign/campaign_queries.h"
#include "campaign/mail_source.h"
#include "campaign/template.h"
#include "campaign/variant_queries.h"
#include "queue/queue.h"

namespace todoku::campaign {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::array<std::string_view, 3> kKinds = {"part", "links", "reflow"};
constexpr std::string_view kAttachments = "attachments/";

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool lists(const Variant& variant, std::string_view path) {
  return std::ranges::find(variant.files, path) != variant.files.end();
}

/// Whether an attachment travels in the variant's mail.
bool travels(const Variant& variant, std::string_view path) {
  switch (variant.kind) {
    case VariantKind::part:
      return lists(variant, path);
    case VariantKind::links:
      return !lists(variant, path);
    case VariantKind::reflow:
      break;
  }
  return true;
}

/// "autumn [3: 1/2]": the third variant, the first of two parts.
std::string variant_name(const Campaign& original, const Variant& variant, std::int64_t number) {
  if (variant.kind == VariantKind::part) {
    return fmt::format("{} [{}: {}/{}]", original.name, number, variant.part, variant.parts);
  }
  return fmt::format("{} [{}: {}]", original.name, number, to_string(variant.kind));
}

/// "1.2 MB": as large as a reader has to fetch.
std::string size_text(std::size_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{} kB", (bytes + 999) / 1000);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

/// The day, and the hour to which a link can be used for certain.
std::string until_text(base::Time time, int utc_offset_minutes) {
  const auto local =
      std::chrono::sys_time<base::Duration>(time.time_since_epoch()) + std::chrono::minutes(utc_offset_minutes);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const auto hour = std::chrono::floor<std::chrono::hours>(local - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:00", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), hour);
}

void set_options(const Variant& variant, const std::vector<TemplateFile>& files, MessageOptions& options) {
  options.language = variant.language;
  options.short_lines = variant.kind == VariantKind::reflow;
  if (variant.kind == VariantKind::part) {
    options.subject_suffix = variant.language == "en" ? fmt::format(" (part {} of {})", variant.part, variant.parts)
                                                      : fmt::format(" ({}通中{}通目)", variant.parts, variant.part);
  }
  if (variant.kind != VariantKind::links) return;
  for (const std::string& path : variant.files) {
    const auto file = std::ranges::find(files, path, &TemplateFile::path);
    if (file != files.end()) {
      options.downloads.push_back({std::string(name_of(path)), size_text(file->content.size())});
    }
  }
  if (variant.expires_at) options.downloads_until = until_text(*variant.expires_at, options.utc_offset_minutes);
}

}  // namespace

std::string_view to_string(VariantKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

bool is_attachment(std::string_view path) { return path.starts_with(kAttachments); }

base::Result<base::CampaignId> start_variant(store::Connection& db, const Variant& variant,
                                             std::span<const VariantRecipient> recipients, std::string_view public_url,
                                             base::Time now) {
  const auto original = find(db, variant.original);
  if (!original) return Error{ErrorCode::not_found, "the campaign is gone", "", ""};
  if (variant_of(db, variant.original)) {
    return Error{ErrorCode::refused,
                 fmt::format("'{}' is itself another campaign's mail in another form", original->name),
                 "give the original campaign", ""};
  }
  const std::int64_t number = db.query_integer(kCountVariants, {variant.original}).value_or(0) + 1;
  const auto id = db.query_integer(kInsertVariantCampaign,
                                   {variant.original, variant_name(*original, variant, number), public_url, now});
  if (!id) {
    return Error{ErrorCode::exists,
                 fmt::format("there is a campaign '{}' already", variant_name(*original, variant, number)),
                 "give the same command again", ""};
  }
  db.execute(kInsertVariant, {*id, variant.original, to_string(variant.kind), variant.part, variant.parts,
                              variant.language, variant.expires_at});
  std::int64_t file = 0;
  for (const std::string& path : variant.files) db.execute(kInsertVariantFile, {*id, ++file, path});
  queue::BatchBuilder batches({.campaign = {*id}, .now = now});
  for (const VariantRecipient& recipient : recipients) batches.add(recipient.domain, recipient.contact);
  db.execute(kSetTotal, {*id, batches.finish(db)});
  return base::CampaignId{*id};
}

std::optional<Variant> variant_of(store::Connection& db, base::CampaignId campaign) {
  Variant variant;
  {
    auto rows = db.query(kSelectVariant, {campaign});
    if (!rows.next()) return std::nullopt;
    variant.original = {rows.integer(0)};
    const auto* const kind = std::ranges::find(kKinds, rows.text(1));
    variant.kind = static_cast<VariantKind>(kind == kKinds.end() ? 2 : kind - kKinds.begin());
    variant.part = static_cast<int>(rows.integer(2));
    variant.parts = static_cast<int>(rows.integer(3));
    variant.language = rows.text(4);
    if (!rows.is_null(5)) variant.expires_at = base::from_stored(rows.integer(5));
  }
  auto rows = db.query(kSelectVariantFiles, {campaign});
  while (rows.next()) variant.files.emplace_back(rows.text(0));
  return variant;
}

base::Result<CompiledMessage> compile_variant(const Campaign& original, std::vector<TemplateFile> files,
                                              const Variant& variant) {
  auto options = message_options(original);
  if (!options) return std::move(options).error();
  set_options(variant, files, *options);
  std::erase_if(files,
                [&](const TemplateFile& file) { return is_attachment(file.path) && !travels(variant, file.path); });
  auto parsed = parse_template(files);
  if (!parsed) return std::move(parsed).error();
  return CompiledMessage::compile(*parsed, *options);
}

base::Result<CompiledMessage> compile_stored(store::Connection& db, const Campaign& campaign) {
  const auto variant = variant_of(db, campaign.id);
  if (!variant) return compile_message(campaign, template_files(db, campaign.id));
  const auto original = find(db, variant->original);
  if (!original) return Error{ErrorCode::not_found, "the original campaign is gone", "", campaign.name};
  return compile_variant(*original, template_files(db, variant->original), *variant);
}

std::optional<Download> download_of(store::Connection& db, base::CampaignId campaign, std::int64_t number) {
  auto rows = db.query(kSelectDownload, {campaign, number});
  if (!rows.next()) return std::nullopt;
  return Download{std::string(name_of(rows.text(0))), std::string(rows.bytes(1)), base::from_stored(rows.integer(2))};
}

}  // namespace todoku::campaign
