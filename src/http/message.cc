#include "http/message.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace todoku::http {
namespace {

bool named(const std::pair<std::string, std::string>& field, std::string_view name) {
  return base::iequals(field.first, name);
}

constexpr std::array<std::pair<int, std::string_view>, 27> kPhrases = {{
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
}};

}  // namespace

std::string_view to_string(Method method) {
  constexpr std::array<std::string_view, 7> kNames = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return kNames[static_cast<std::size_t>(method)];
}

void Fields::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [name](const auto& field) { return named(field, name); });
  add(name, value);
}

std::string_view Fields::get(std::string_view name) const {
  const auto found = std::ranges::find_if(fields_, [name](const auto& field) { return named(field, name); });
  return found == fields_.end() ? std::string_view() : found->second;
}

bool Fields::has(std::string_view name) const { return count(name) > 0; }

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [name](const auto& field) { return named(field, name); }));
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  const auto found = std::ranges::find_if(pairs_, [name](const auto& pair) { return pair.first == name; });
  if (found == pairs_.end()) return std::nullopt;
  return found->second;
}

std::string_view reason_phrase(int status) {
  const auto* found = std::ranges::find(kPhrases, status, &std::pair<int, std::string_view>::first);
  return found == kPhrases.end() ? "Unknown" : found->second;
}

}  // namespace todoku::http
