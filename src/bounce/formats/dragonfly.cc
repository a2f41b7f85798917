// DragonFly's mail agent (dma): "There was an error delivering your mail to <a@b.c>.", then the server's words.
#include "bounce/formats/format.h"

namespace todoku::bounce {

std::vector<Finding> read_dragonfly(const Notice& notice) {
  constexpr std::string_view kOpening = "delivering your mail to <";
  const std::size_t at = notice.words.find(kOpening);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = notice.words.substr(at + kOpening.size());
  const std::size_t end = rest.find('>');
  if (end == std::string_view::npos || end > 320) return {};
  Finding finding;
  finding.address = std::string(rest.substr(0, end));
  finding.texts.emplace_back(rest.substr(end + 1).substr(0, 4096));
  if (finding.texts.front().starts_with(".")) finding.texts.front().erase(0, 1);
  std::vector<Finding> out;
  out.push_back(std::move(finding));
  return out;
}

}  // namespace todoku::bounce
