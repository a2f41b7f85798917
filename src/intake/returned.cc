#include "intake/returned.h"

namespace todoku::intake {
namespace {

constexpr char kOfCampaign[] =
    "select campaign, contact, reason, at, diagnostic from bounce where campaign = ?1 and campaign is not null and "
    "contact is not "
    "null and permanent = 1 order by at, intake";
// By the entries of the contact: bounce has no index of contacts alone.
constexpr char kOfContact[] =
    "select b.campaign, b.contact, b.reason, b.at, b.diagnostic from intake i join bounce b on b.intake = i.id "
    "where i.contact = ?1 and b.contact = ?1 and b.campaign is not null and b.permanent = 1 "
    "order by b.at desc, b.intake desc";

std::vector<Returned> read(store::Rows rows) {
  std::vector<Returned> all;
  while (rows.next()) {
    all.push_back({.campaign = {rows.integer(0)},
                   .contact = {rows.integer(1)},
                   .reason = std::string(rows.text(2)),
                   .at = base::from_stored(rows.integer(3)),
                   .diagnostic = std::string(rows.text(4))});
  }
  return all;
}

}  // namespace

std::vector<Returned> returned_of(store::Connection& db, base::CampaignId campaign) {
  return read(db.query(kOfCampaign, {campaign}));
}

std::vector<Returned> returned_of(store::Connection& db, base::ContactId contact) {
  return read(db.query(kOfContact, {contact}));
}

}  // namespace todoku::intake
