// The story of a contact's errors: each with its mail and the server's words, what stopped it and by which rule, what
// came after.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "app/mail_name.h"
#include "audience/contact.h"
#include "audience/policy_version.h"
#include "audience/retest.h"
#include "audience/stops.h"
#include "bounce/explanation.h"

namespace todoku::app {

struct StoryError {
  base::Time at;
  base::CampaignId campaign;
  bounce::Reason reason = bounce::Reason::unknown;
  std::string reply;
  bool late = false;  // a bounce after the mail was taken
};

struct StopStory {
  audience::Contact contact;
  std::vector<StoryError> errors;           // final ones, in order of time
  std::vector<audience::StopRecord> stops;  // likewise
  std::vector<audience::Retest> tests;      // likewise
};

[[nodiscard]] StopStory story_of(store::Connection& db, audience::Contact contact);

void print_story(store::Connection& db, const StopStory& story, bounce::Language language);
[[nodiscard]] boost::json::object story_object(store::Connection& db, const StopStory& story,
                                               bounce::Language language);

}  // namespace todoku::app
