// Amazon SES's notifications by SNS, mailed as JSON: {"Type": "Notification", "Message": "{…}"}.
#include <boost/json.hpp>

#include "base/ascii.h"
#include "bounce/formats/format.h"

namespace todoku::bounce {
namespace {

namespace json = boost::json;

/// The notification itself. Mail systems wrap its one long line: breaks inside are taken out.
std::optional<json::object> notification(std::string_view words) {
  const std::size_t begin = words.find('{');
  if (begin == std::string_view::npos) return std::nullopt;
  std::string text(words.substr(begin));
  std::erase(text, '\n');
  boost::system::error_code error;
  json::stream_parser parser({}, {.max_depth = 16});
  parser.write_some(text, error);
  if (error || !parser.done()) return std::nullopt;
  json::value whole = parser.release();
  if (!whole.is_object()) return std::nullopt;
  const json::value* message = whole.as_object().if_contains("Message");
  if (message == nullptr || !message->is_string()) return whole.as_object();
  json::value inner = json::parse(message->as_string(), error);
  if (error || !inner.is_object()) return std::nullopt;
  return inner.as_object();
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::object* object_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? &value->as_object() : nullptr;
}

std::vector<Finding> bounced(const json::object& bounce) {
  std::vector<Finding> out;
  const json::value* list = bounce.if_contains("bouncedRecipients");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& one : list->as_array()) {
    if (!one.is_object()) continue;
    Finding finding;
    finding.address = text_of(one.as_object(), "emailAddress");
    std::string code = text_of(one.as_object(), "diagnosticCode");
    if (base::istarts_with(code, "smtp;")) code.erase(0, 5);
    finding.texts = {code, text_of(bounce, "bounceType") + " " + text_of(bounce, "bounceSubType")};
    finding.status = smtp::EnhancedStatus::parse(text_of(one.as_object(), "status"));
    out.push_back(std::move(finding));
  }
  return out;
}

std::vector<Finding> complained(const json::object& complaint) {
  std::vector<Finding> out;
  const json::value* list = complaint.if_contains("complainedRecipients");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& one : list->as_array()) {
    if (!one.is_object()) continue;
    Finding finding;
    finding.address = text_of(one.as_object(), "emailAddress");
    out.push_back(std::move(finding));
  }
  return out;
}

std::vector<Finding> delivered(const json::object& delivery) {
  std::vector<Finding> out;
  const json::value* list = delivery.if_contains("recipients");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& one : list->as_array()) {
    if (!one.is_string()) continue;
    Finding finding;
    finding.address = std::string(one.as_string());
    finding.action = Action::delivered;
    out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace

std::vector<Finding> read_amazon_sns(const Notice& notice) {
  const auto message = notification(notice.text);
  if (!message) return {};
  if (const json::object* bounce = object_of(*message, "bounce")) return bounced(*bounce);
  if (const json::object* complaint = object_of(*message, "complaint")) return complained(*complaint);
  if (const json::object* delivery = object_of(*message, "delivery")) return delivered(*delivery);
  return {};
}

}  // namespace todoku::bounce
