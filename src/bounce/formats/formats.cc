#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "bounce/formats/format.h"

namespace todoku::bounce {
namespace {

struct Row {
  std::string_view name;
  std::vector<Finding> (*read)(const Notice& notice);
};

constexpr std::array<Row, 2> kReaders = {{
    {"amazon-sns", read_amazon_sns},
    {"dragonfly", read_dragonfly},
}};

/// Senders and software that name themselves in the header.
struct Sign {
  std::string_view header;
  std::string_view part;
  std::string_view format;
};
constexpr Sign kSigns[] = {
    {"From", "googlemail.com", "gmail"},
    {"From", "mailer-daemon@google.com", "gmail"},
    {"From", "amazonses.com", "amazon-ses"},
    {"From", "mailer-daemon@yahoo", "yahoo"},
    {"From", "sendgrid", "sendgrid"},
    {"From", "mailgun", "mailgun"},
    {"From", "docomo.ne.jp", "docomo"},
    {"From", "ezweb.ne.jp", "au"},
    {"From", "dion.ne.jp", "au"},
    {"From", "softbank", "softbank"},
    {"From", "onmicrosoft.com", "exchange"},
    {"From", "ppops.net", "proofpoint"},
    {"X-Mailer", "Internet Mail Service", "exchange"},
    {"X-MS-Exchange-Message-Is-Ndr", "", "exchange"},
    {"Received", "Lotus Domino", "domino"},
    {"X-Mailer", "Lotus", "domino"},
    {"Received", "mimecast", "mimecast"},
    {"Received", "barracuda", "barracuda"},
};

}  // namespace

std::string format_name(const Notice& notice, bool dsn) {
  for (const CueHit& cue : notice.cues) {
    if (!cue.format.empty()) return std::string(cue.format);
  }
  for (const Sign& sign : kSigns) {
    const std::string value = base::ascii_lower(notice.header(sign.header));
    const std::string part = base::ascii_lower(sign.part);
    if (!value.empty() && value.find(part) != std::string::npos) return std::string(sign.format);
  }
  return dsn ? "rfc3464" : "freeform";
}

std::vector<Finding> read_format(const Notice& notice, std::string_view format) {
  const auto row = std::ranges::find(kReaders, format, &Row::name);
  return row == kReaders.end() ? std::vector<Finding>{} : row->read(notice);
}

}  // namespace todoku::bounce
