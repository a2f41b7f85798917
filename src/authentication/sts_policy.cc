#include "authentication/sts_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "authentication/versioned_record.h"
#include "base/ascii.h"

namespace todoku::authentication {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::string_view kVersion = "v=STSv1";
constexpr std::size_t kLongestId = 32;
constexpr std::size_t kLongestAge = 10;  // digits
constexpr std::size_t kLongestShown = 60;
constexpr std::array<std::string_view, 3> kModes = {"none", "testing", "enforce"};

bool is_alphanumeric(char c) { return base::ascii_alpha(c) || base::ascii_digit(c); }

bool is_domain(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i == name.size() || name[i] == '.') {
      if (label == 0 || label > 63 || name[i - 1] == '-') return false;
      label = 0;
      continue;
    }
    if (!is_alphanumeric(name[i]) && (name[i] != '-' || label == 0)) return false;
    ++label;
  }
  return true;
}

/// One field of a policy under way: which were there is asked when all are read.
struct Reading {
  std::optional<std::string_view> version;
  std::optional<std::string_view> mode;
  std::optional<std::string_view> max_age;
  std::vector<std::string> mx;
};

Error broken(int line, std::string_view message, std::string_view text) {
  return {ErrorCode::invalid, fmt::format("{}: {}", message, text.substr(0, kLongestShown)),
          "the domain's owner has to mend the policy (RFC 8461, section 3.2)", fmt::format("mta-sts.txt:{}", line)};
}

bool is_field_name(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

Result<void> read_line(std::string_view text, int line, Reading& into) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, std::min(colon, text.size()));
  if (colon == std::string_view::npos || !is_field_name(name)) return broken(line, "not a field", text);
  const std::string_view value = base::trim(text.substr(colon + 1));
  const auto set = [value](std::optional<std::string_view>& field) {
    if (!field) field = value;
  };
  if (name == "version") set(into.version);
  if (name == "mode") set(into.mode);
  if (name == "max_age") set(into.max_age);
  if (name == "mx") {
    if (!is_domain(value.starts_with("*.") ? value.substr(2) : value)) return broken(line, "not a host", value);
    into.mx.push_back(base::ascii_lower(value));
  }
  return base::done;
}

Result<std::chrono::seconds> age_of(std::string_view digits) {
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (digits.empty() || digits.size() > kLongestAge || !std::ranges::all_of(digits, base::ascii_digit) ||
      problem != std::errc{}) {
    return broken(0, "max_age is not a number of seconds", digits);
  }
  return std::min(std::chrono::seconds(seconds), kLongestStsAge);
}

Result<StsPolicy> policy_of(Reading reading) {
  if (reading.version != "STSv1") return broken(0, "the version is not STSv1", reading.version.value_or("none"));
  const auto mode = std::ranges::find(kModes, reading.mode.value_or(""));
  if (mode == kModes.end()) return broken(0, "the mode is not enforce, testing or none", reading.mode.value_or(""));
  StsPolicy policy;
  policy.mode = static_cast<StsMode>(mode - kModes.begin());
  const auto age = age_of(reading.max_age.value_or(""));
  if (!age) return age.error();
  policy.max_age = *age;
  policy.mx = std::move(reading.mx);
  if (policy.mx.empty() && policy.mode != StsMode::none) return broken(0, "it names no mx", "");
  return policy;
}

}  // namespace

std::string_view to_string(StsMode mode) { return kModes[static_cast<std::size_t>(mode)]; }

std::optional<std::string> announced_sts_id(std::span<const std::string> txt_records) {
  const auto record = VersionedRecord::only_one(txt_records, kVersion);
  if (!record) return std::nullopt;
  const auto id = record->find("id");
  if (!id || id->size() > kLongestId || !std::ranges::all_of(*id, is_alphanumeric)) return std::nullopt;
  return std::string(*id);
}

std::string sts_record_name(std::string_view domain) { return "_mta-sts." + std::string(domain); }
std::string sts_policy_host(std::string_view domain) { return "mta-sts." + std::string(domain); }

Result<StsPolicy> parse_sts_policy(std::string_view text) {
  if (text.size() > kLargestStsPolicy) {
    return Error{ErrorCode::limit, "the policy is larger than 64 KiB", "", "mta-sts.txt"};
  }
  Reading reading;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view field = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.empty()) continue;
    if (auto read = read_line(field, line, reading); !read) return std::move(read).error();
  }
  return policy_of(std::move(reading));
}

std::string to_text(const StsPolicy& policy) {
  std::string text = fmt::format("version: STSv1\nmode: {}\n", to_string(policy.mode));
  for (const std::string& mx : policy.mx) text += "mx: " + mx + '\n';
  return text + fmt::format("max_age: {}\n", policy.max_age.count());
}

bool lists(const StsPolicy& policy, std::string_view host) {
  const std::size_t dot = std::min(host.find('.'), host.size());
  return std::ranges::any_of(policy.mx, [&](std::string_view pattern) {
    if (!pattern.starts_with('*')) return base::iequals(pattern, host);
    return dot > 0 && base::iequals(pattern.substr(1), host.substr(dot));
  });
}

}  // namespace todoku::authentication
