// What came in, in words for people and as JSON.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "bounce/explanation.h"
#include "intake/records.h"

namespace todoku::app {

[[nodiscard]] std::string_view state_name(std::string_view state, bounce::Language language);
[[nodiscard]] std::string_view road_name(std::string_view road, bounce::Language language);
[[nodiscard]] std::string reason_name(std::string_view reason, bounce::Language language);
/// With its verdicts.
[[nodiscard]] boost::json::object entry_object(store::Connection& db, const intake::Entry& entry);

}  // namespace todoku::app
