// The words of an HTML notice: tags gone, blocks and table rows on lines of their own, entities undone, the address of
// a link to a mailbox behind words that do not show it.
#pragma once
#include <string>
#include <string_view>

namespace todoku::bounce {

/// Linear, never fails; understands as much HTML as notices use.
[[nodiscard]] std::string html_text(std::string_view html);

}  // namespace todoku::bounce
