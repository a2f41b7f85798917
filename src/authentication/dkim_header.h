// A mail's header as DKIM sees it: whole fields, with name, folds and line end.
#pragma once
#include <string_view>
#include <vector>

namespace todoku::authentication {

struct HeaderField {
  std::string_view name;   // without the blanks that may stand before the colon
  std::string_view whole;  // with the line end, unless the mail ends before it
  std::string_view value;  // behind the colon, as it stands
};

/// Views into the mail.
struct SplitMail {
  std::vector<HeaderField> fields;
  std::string_view body;
};

inline constexpr std::size_t kMostHeaderFields = 2000;

/// Into `out`, whose memory is used again. A line that is no field and continues none counts as a field without a name,
/// which nothing ever selects. False: more than kMostHeaderFields.
bool split_mail(std::string_view mail, SplitMail& out);

}  // namespace todoku::authentication
