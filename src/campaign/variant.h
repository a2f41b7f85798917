// Another form of a campaign's mail, for those whom the mail as it was did not reach: one part of several with some of
// the attachments each, links in place of attachments, or the same mail in short lines.
//
// A variant is a campaign of its own to queue, tokens, outcomes and bounces, so that whatever becomes of it is known
// and counted; its template, name and list in the mail are the original's. The recipe is kept, not a copy: what was
// sent can be rebuilt as long as the original's files are there. Functions take the connection of the caller's
// transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/message.h"
#include "store/connection.h"

namespace todoku::campaign {

enum class VariantKind : std::uint8_t { part, links, reflow };
[[nodiscard]] std::string_view to_string(VariantKind kind);

struct Variant {
  base::CampaignId original;
  VariantKind kind = VariantKind::reflow;
  int part = 0;  // n of m
  int parts = 0;
  std::string language = "ja";
  std::vector<std::string> files = {};  // template paths: what a part carries, or what is offered as links, in order
  std::optional<base::Time> expires_at = {};  // of the links
};

/// One who gets it.
struct VariantRecipient {
  base::ContactId contact;
  std::string_view domain;
};

/// Makes it and lays it down for these, at least one; it is being sent from then on. `public_url`: where links lead
/// to. Errors: `refused` where the original is itself a variant.
[[nodiscard]] base::Result<base::CampaignId> start_variant(store::Connection& db, const Variant& variant,
                                                           std::span<const VariantRecipient> recipients,
                                                           std::string_view public_url, base::Time now);

[[nodiscard]] std::optional<Variant> variant_of(store::Connection& db, base::CampaignId campaign);

/// Whether a template's file is an attachment.
[[nodiscard]] bool is_attachment(std::string_view path);

/// The mail of a campaign or a variant of it, ready to be written. Errors: those of the template, which had none when
/// it was made; `not_found`.
[[nodiscard]] base::Result<CompiledMessage> compile_stored(store::Connection& db, const Campaign& campaign);
/// The same of a variant that is not stored yet, from its original.
[[nodiscard]] base::Result<CompiledMessage> compile_variant(const Campaign& original, std::vector<TemplateFile> files,
                                                            const Variant& variant);

/// A file that is offered as a link.
struct Download {
  std::string name;
  std::string content;
  base::Time expires_at;
};
/// Number `number` of a variant's links; nothing where there is none.
[[nodiscard]] std::optional<Download> download_of(store::Connection& db, base::CampaignId campaign,
                                                  std::int64_t number);

}  // namespace todoku::campaign
