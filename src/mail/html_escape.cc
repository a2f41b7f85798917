#include "mail/html_escape.h"

#include <algorithm>

namespace todoku::mail {

void append_html_escaped(std::string& out, std::string_view text) {
  while (true) {
    const std::size_t plain = std::min(text.find_first_of("&<>\"'"), text.size());
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    switch (text[plain]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += "&#39;";
    }
    text.remove_prefix(plain + 1);
  }
}

}  // namespace todoku::mail
