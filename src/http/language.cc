#include "http/language.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/ascii.h"

namespace todoku::http {
namespace {

/// "0.8" of ";q=0.8" in thousandths; 1000 where there is none, 0 where it is broken.
int quality_of(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  std::string_view text = parameters.substr(at + 2);
  text = text.substr(0, text.find(';'));
  if (text.empty() || !base::ascii_digit(text.front())) return 0;
  int value = (text.front() - '0') * 1000;
  int weight = 100;
  for (std::size_t i = 2; i < text.size() && i < 5 && text[1] == '.' && base::ascii_digit(text[i]); ++i, weight /= 10) {
    value += (text[i] - '0') * weight;
  }
  return std::min(value, 1000);
}

}  // namespace

std::string_view preferred_language(std::string_view accept, std::span<const std::string_view> offered) {
  std::string_view best = offered.front();
  int best_quality = 0;
  while (!accept.empty()) {
    const std::size_t end = std::min(accept.find(','), accept.size());
    const std::string_view item = base::trim(accept.substr(0, end));
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const std::size_t parameters = std::min(item.find(';'), item.size());
    const std::string_view tag = base::trim(item.substr(0, parameters));
    const std::string_view primary = tag.substr(0, tag.find('-'));
    const int quality = quality_of(item.substr(parameters));
    for (const std::string_view language : offered) {
      if (quality <= best_quality || !base::iequals(primary, language)) continue;
      best = language;
      best_quality = quality;
    }
  }
  return best;
}

}  // namespace todoku::http
