// Typed domains never crash the search for near ones, which suggests nothing for what it knows; strangers' questions
// are proved by their key alone.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "remedy/status_check.h"
#include "remedy/suggestion.h"

using namespace todoku;

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<remedy::KnownDomain, 4> kKnown{
      {{"gmail.com", 9}, {"docomo.ne.jp", 5}, {"yahoo.co.jp", 3}, {"example.jp", 0}}};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view address = take_line(text);
  const auto near = remedy::near_domains(address, kKnown);
  require(near.size() <= 3);
  for (const auto& known : kKnown) require(known.name != address || near.empty());
  require(remedy::slips_between(address, address) == 0 || address.size() > 64);
  const remedy::StatusQuestion question{address, take_line(text), take_line(text), text};
  remedy::StatusCheckKey key;
  key.origin = "https://member.example";
  key.secret = base::Secret("kagi");
  const bool right = question.signature == remedy::sign_question(key.secret, address, question.expires);
  require(right || !remedy::is_proved(&key, question, base::from_stored(1'700'000'000'000)));
  require(!remedy::is_proved(nullptr, question, base::from_stored(1'700'000'000'000)));
  return 0;
}
