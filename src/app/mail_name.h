// What a mail is called to people: its campaign's name.
#pragma once
#include <map>
#include <string>

#include "base/id.h"
#include "bounce/explanation.h"
#include "store/connection.h"

namespace todoku::app {

/// Looks each campaign up once.
class MailNames {
 public:
  explicit MailNames(bounce::Language language) : language_(language) {}
  /// Empty for none; mails that programs handed in are told by their number.
  [[nodiscard]] const std::string& of(store::Connection& db, base::CampaignId campaign);

 private:
  bounce::Language language_;
  std::map<base::CampaignId, std::string> known_;
};

}  // namespace todoku::app
