#include "remedy/links.h"

#include <fmt/format.h>

namespace todoku::remedy {

using base::Error;
using base::ErrorCode;

base::Result<std::vector<std::string>> attachments_of(store::Connection& db, const campaign::Campaign& campaign) {
  std::vector<std::string> paths;
  for (const campaign::TemplateFile& file : campaign::template_files(db, campaign.id)) {
    if (campaign::is_attachment(file.path)) paths.push_back(file.path);
  }
  if (paths.empty()) {
    return Error{ErrorCode::invalid, fmt::format("the mail of '{}' has no attachments", campaign.name), "", ""};
  }
  return paths;
}

base::Result<base::CampaignId> send_links(store::Connection& db, const campaign::Campaign& campaign,
                                          const LinksWanted& wanted, const std::vector<Recipient>& recipients,
                                          base::Time now) {
  auto files = attachments_of(db, campaign);
  if (!files) return std::move(files).error();
  if (!wanted.public_url.starts_with("https://") && !wanted.public_url.starts_with("http://")) {
    return Error{ErrorCode::invalid, "there is no public URL that links could lead to",
                 "set identity.public_url to where readers reach todoku serve", ""};
  }
  const OtherForm form{.variant = {.original = campaign.id,
                                   .kind = campaign::VariantKind::links,
                                   .language = wanted.language,
                                   .files = *std::move(files),
                                   .expires_at = now + wanted.valid},
                       .cause = bounce::to_string(wanted.reasons.front()),
                       .public_url = wanted.public_url};
  return send_in_other_form(db, campaign, form, recipients, now);
}

}  // namespace todoku::remedy
