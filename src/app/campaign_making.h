// `todoku campaign create`: everything is checked before anything is stored.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace todoku::app {

class Context;

struct CampaignWanted {
  std::string name;
  std::string list;
  std::filesystem::path path;                 // of the template
  std::vector<std::string> attachments = {};  // besides those of the template
  std::string from;                           // "Name <address>"
  std::string reply_to;
  std::string postal_address;
  std::string contact;
};

/// Prints what is wrong, or the campaign's number and whom it will reach.
void make_campaign(Context& context, const CampaignWanted& wanted);

}  // namespace todoku::app
