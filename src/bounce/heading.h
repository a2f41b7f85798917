// Lines of a notice that an address heads: "<a@b.c>:", "  a@b.c", "* a@b.c", "a@b.c: 550 …", "554 <a@b.c>... …".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bounce/address_scan.h"
#include "bounce/notice.h"

namespace todoku::bounce {

struct TextLine {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

[[nodiscard]] std::vector<TextLine> lines_of(std::string_view text);

struct Heading {
  std::size_t line = 0;  // index
  FoundAddress address;
  std::size_t rest = 0;     // where the words on it begin
  bool transcript = false;  // "554 <a@b.c>... …": the line alone is its own
  bool weak = false;        // a summary's "To: a@b.c": who the mail was for, failed or not
};

/// Whether line `index`, with these addresses on it, is one.
[[nodiscard]] std::optional<Heading> heading(std::string_view text, const TextLine& line, std::size_t index,
                                             std::span<const FoundAddress> on_line);

/// Whose address it is, by the notice's header and by custom.
enum class Owner : std::uint8_t {
  stranger,   // possibly one that failed
  reporter,   // of the system that writes, or its postmaster
  desk,       // a desk to ask: support@, help@; may still be one that failed
  addressee,  // whom the notice was sent to, or who sent the returned mail
};
[[nodiscard]] Owner owner_of(const Notice& notice, std::string_view address);

}  // namespace todoku::bounce
