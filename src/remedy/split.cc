#include "remedy/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "remedy/size_limit.h"

namespace todoku::remedy {
namespace {

using base::Error;
using base::ErrorCode;
using campaign::TemplateFile;
using campaign::Variant;
using campaign::VariantKind;

constexpr std::int64_t kMerged = 4096;       // what merge fields may add
constexpr std::int64_t kOnTheWay = 6144;     // signatures and fields that servers add, some of which count them
constexpr std::int64_t kGuess = 10'000'000;  // where nobody said a limit: what nearly every server takes

/// In base64 with line ends, and its MIME header.
std::int64_t coded_size(const TemplateFile& file) {
  const auto size = static_cast<std::int64_t>(file.content.size());
  const std::int64_t letters = (size + 2) / 3 * 4;
  return letters + letters / 76 * 2 + 2 + 400 + 3 * static_cast<std::int64_t>(file.path.size());
}

std::vector<AttachmentSize> attachments_of(const std::vector<TemplateFile>& files) {
  std::vector<AttachmentSize> all;
  for (const TemplateFile& file : files) {
    if (!campaign::is_attachment(file.path)) continue;
    all.push_back({file.path, static_cast<std::int64_t>(file.content.size()), coded_size(file)});
  }
  return all;
}

std::int64_t in_all(const std::vector<AttachmentSize>& attachments) {
  std::int64_t sum = 0;
  for (const AttachmentSize& one : attachments) sum += one.coded;
  return sum;
}

/// Of the mail without attachments, as it may be at the receiver.
base::Result<std::int64_t> bare_size(const campaign::Campaign& campaign, std::vector<TemplateFile> files) {
  const Variant bare{.original = campaign.id, .kind = VariantKind::part, .part = 1, .parts = 1};
  const auto compiled = campaign::compile_variant(campaign, std::move(files), bare);
  if (!compiled) return compiled.error();
  return static_cast<std::int64_t>(compiled->fixed_size()) + kMerged + kOnTheWay;
}

std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// Sorts recipients into groups by the parts that their limit asks for.
class Grouping {
 public:
  Grouping(std::vector<AttachmentSize> attachments, std::int64_t bare)
      : attachments_(std::move(attachments)), bare_(bare), whole_(bare + in_all(attachments_)) {}

  void add(const Recipient& recipient, std::optional<std::int64_t> said, SplitPlan& plan) {
    const std::int64_t limit = said.value_or(std::min(kGuess, whole_ / 2));
    if (limit >= whole_) return static_cast<void>(++plan.fits);
    if (limit < bare_) return add_unsplittable("", limit, plan);
    auto packed = pack(attachments_, limit - bare_);
    if (!packed) return add_unsplittable(packed.error().where, limit, plan);
    auto group = std::ranges::find(plan.groups, *packed, &SplitGroup::parts);
    if (group == plan.groups.end()) {
      plan.groups.push_back({*std::move(packed), limit, true, {}});
      group = std::prev(plan.groups.end());
    }
    group->limit = std::min(group->limit, limit);
    group->guessed = group->guessed && !said;
    group->recipients.push_back(recipient);
  }

 private:
  void add_unsplittable(const std::string& path, std::int64_t limit, SplitPlan& plan) const {
    const auto size = std::ranges::find(attachments_, path, &AttachmentSize::path);
    const std::string name = file_name(path);
    auto known = std::ranges::find_if(plan.unsplittable,
                                      [&](const Unsplittable& one) { return one.file == name && one.limit == limit; });
    if (known == plan.unsplittable.end()) {
      plan.unsplittable.push_back({name, size == attachments_.end() ? 0 : size->file, limit, 0});
      known = std::prev(plan.unsplittable.end());
    }
    ++known->recipients;
  }

  const std::vector<AttachmentSize> attachments_;
  const std::int64_t bare_;
  const std::int64_t whole_;
};

}  // namespace

base::Result<Parts> pack(const std::vector<AttachmentSize>& attachments, std::int64_t room) {
  Parts parts;
  std::int64_t left = 0;
  for (const AttachmentSize& one : attachments) {
    if (one.coded > room) {
      return Error{ErrorCode::limit, fmt::format("{} alone is larger than one mail may be", file_name(one.path)),
                   "send it as a download link", one.path};
    }
    if (parts.empty() || one.coded > left) {
      parts.emplace_back();
      left = room;
    }
    parts.back().push_back(one.path);
    left -= one.coded;
  }
  return parts;
}

base::Result<SplitPlan> plan_split(store::Connection& db, const campaign::Campaign& campaign, const SplitWanted& wanted,
                                   base::Time now) {
  auto files = campaign::template_files(db, campaign.id);
  auto attachments = attachments_of(files);
  if (attachments.empty()) {
    return Error{ErrorCode::invalid,
                 fmt::format("the mail of '{}' has no attachments that could be split", campaign.name),
                 "make its images smaller, or link to them", ""};
  }
  const auto bare = bare_size(campaign, std::move(files));
  if (!bare) return bare.error();
  Unreached unreached = remedy::unreached(db, campaign.id, wanted.reasons, wanted.only, now);
  const auto limits = size_limits(db, campaign.id, wanted.reasons, unreached.recipients);
  SplitPlan plan;
  plan.waiting = unreached.waiting;
  plan.not_mailable = unreached.not_mailable;
  Grouping grouping(std::move(attachments), *bare);
  for (const Recipient& recipient : unreached.recipients) {
    const auto said = limits.find(recipient.contact);
    const auto known = said == limits.end() ? std::optional<std::int64_t>() : said->second;
    grouping.add(recipient, wanted.limit ? wanted.limit : known, plan);
  }
  return plan;
}

base::Result<std::vector<base::CampaignId>> split(store::Connection& db, const campaign::Campaign& campaign,
                                                  const SplitWanted& wanted, const SplitPlan& plan, base::Time now) {
  std::vector<base::CampaignId> carried;
  for (const SplitGroup& group : plan.groups) {
    for (std::size_t i = 0; i < group.parts.size(); ++i) {
      const OtherForm form{.variant = {.original = campaign.id,
                                       .kind = VariantKind::part,
                                       .part = static_cast<int>(i + 1),
                                       .parts = static_cast<int>(group.parts.size()),
                                       .language = wanted.language,
                                       .files = group.parts[i]},
                           .cause = bounce::to_string(wanted.reasons.front()),
                           .public_url = campaign.sender.public_url};
      auto via = send_in_other_form(db, campaign, form, group.recipients, now);
      if (!via) return std::move(via).error();
      carried.push_back(*via);
    }
  }
  return carried;
}

}  // namespace todoku::remedy
