// The `date` filter: reading dates as spreadsheets and people write them, and strftime without a locale.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/ascii.h"
#include "campaign/liquid_filters.h"

namespace todoku::campaign::liquid {
namespace {

using std::chrono::seconds;
using LocalTime = std::chrono::local_seconds;

/// Takes fields off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  /// So many digits at most, at least one.
  std::optional<int> number(std::size_t most) {
    std::size_t n = 0;
    while (n < most && n < rest_.size() && base::ascii_digit(rest_[n])) ++n;
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + n, value);
    rest_.remove_prefix(n);
    return n == 0 ? std::nullopt : std::optional(value);
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void blanks() {
    while (take(" ")) {
    }
  }
  [[nodiscard]] bool end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::local_days> take_date(Scanner& in) {
  using namespace std::chrono;
  const auto y = in.number(4);
  if (!y) return {};
  const bool marked = in.take("年");
  if (!marked && !in.take("-") && !in.take("/") && !in.take(".")) return {};
  const auto m = in.number(2);
  if (!m || (marked ? !in.take("月") : !in.take("-") && !in.take("/") && !in.take("."))) return {};
  const auto d = in.number(2);
  if (!d || (marked && !in.take("日"))) return {};
  const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  return date.ok() ? std::optional(local_days(date)) : std::nullopt;
}

/// "9:30", "09:30:15", "09:30:15.123"; nothing is midnight.
std::optional<seconds> take_time(Scanner& in) {
  if (!in.take("T")) in.blanks();
  if (in.end()) return seconds(0);
  const auto h = in.number(2);
  if (!h || !in.take(":")) return {};
  const auto m = in.number(2);
  const auto s = in.take(":") ? in.number(2) : std::optional(0);
  if (!m || !s || *h > 23 || *m > 59 || *s > 60) return {};
  if (in.take(".")) in.number(9);
  in.blanks();
  return seconds(*h * 3600 + *m * 60 + *s);
}

/// Seconds east of UTC, or nothing where no zone is named; false where something else stands there.
bool take_zone(Scanner& in, std::optional<seconds>& zone) {
  if (in.end()) return true;
  if (in.take("Z") || in.take("UTC") || in.take("GMT")) {
    zone = seconds(0);
  } else {
    const bool west = in.take("-");
    if (!west && !in.take("+")) return false;
    const auto h = in.number(2);
    in.take(":");
    const int m = in.number(2).value_or(0);
    if (!h) return false;
    zone = seconds((west ? -1 : 1) * (*h * 3600 + m * 60));
  }
  return in.end();
}

std::optional<LocalTime> read(const FilterContext& context, const Value& input) {
  const seconds offset = std::chrono::minutes(context.utc_offset_minutes);
  const auto local = [&](std::int64_t unix_seconds) { return LocalTime(seconds(unix_seconds) + offset); };
  constexpr std::int64_t kMost = 253'402'300'799;  // the end of the year 9999
  if (const auto* const n = input.get<std::int64_t>())
    return *n >= 0 && *n <= kMost ? std::optional(local(*n)) : std::nullopt;
  const auto* const given = input.get<std::string_view>();
  if (given == nullptr) return {};
  const std::string_view text = base::trim(*given);
  if (text == "now" || text == "today") return local(base::to_stored(context.now) / 1000);
  const Value number = as_number(text);
  if (number.get<std::int64_t>() != nullptr && text.size() >= 9 && text.size() <= 12) return read(context, number);
  Scanner in(text);
  const auto day = take_date(in);
  const auto time = day ? take_time(in) : std::nullopt;
  std::optional<seconds> zone;
  if (!time || !take_zone(in, zone)) return {};
  const LocalTime read_time = *day + *time;
  return zone ? read_time - *zone + offset : read_time;
}

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 7> kJapaneseDays = {"日", "月", "火", "水", "木", "金", "土"};
constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};

class Formatter {
 public:
  Formatter(LocalTime time, int utc_offset_minutes)
      : day_(std::chrono::floor<std::chrono::days>(time)),
        date_(day_),
        clock_(time - day_),
        time_(time),
        offset_(utc_offset_minutes) {}

  std::string format(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%' || i + 1 == pattern.size()) {
        out += pattern[i];
        continue;
      }
      char flag = 0;
      ++i;
      if ((pattern[i] == '-' || pattern[i] == 'E') && i + 1 < pattern.size()) flag = pattern[i++];
      field(out, pattern[i], flag);
    }
    return out;
  }

 private:
  static void padded(std::string& out, int n, int width, char fill, char flag) {
    if (flag == '-') {
      fmt::format_to(std::back_inserter(out), "{}", n);
    } else if (fill == '0') {
      fmt::format_to(std::back_inserter(out), "{:0{}}", n, width);
    } else {
      fmt::format_to(std::back_inserter(out), "{:{}}", n, width);
    }
  }

  void field(std::string& out, char letter, char flag) {
    if (date_field(out, letter, flag) || clock_field(out, letter, flag)) return;
    switch (letter) {
      case 'F':
        out += format("%Y-%m-%d");
        break;
      case 'T':
        out += format("%H:%M:%S");
        break;
      case 'R':
        out += format("%H:%M");
        break;
      case 'D':
        out += format("%m/%d/%y");
        break;
      case '%':
        out += '%';
        break;
      default:
        out += '%';
        out += letter;
    }
  }

  bool date_field(std::string& out, char letter, char flag) {
    const int year = static_cast<int>(date_.year());
    const auto month = static_cast<unsigned>(date_.month());
    const int day = static_cast<int>(static_cast<unsigned>(date_.day()));
    const unsigned weekday = std::chrono::weekday(day_).c_encoding();
    switch (letter) {
      case 'Y':
        padded(out, year, 4, '0', flag);
        return true;
      case 'y':
        padded(out, year % 100, 2, '0', flag);
        return true;
      case 'm':
        padded(out, static_cast<int>(month), 2, '0', flag);
        return true;
      case 'd':
        padded(out, day, 2, '0', flag);
        return true;
      case 'e':
        padded(out, day, 2, ' ', flag);
        return true;
      case 'B':
        out += kMonths[month - 1];
        return true;
      case 'b':
        out += kMonths[month - 1].substr(0, 3);
        return true;
      case 'A':
        out += flag == 'E' ? std::string(kJapaneseDays[weekday]) + "曜日" : std::string(kDays[weekday]);
        return true;
      case 'a':
        out += flag == 'E' ? kJapaneseDays[weekday] : kDays[weekday].substr(0, 3);
        return true;
      case 'j':
        padded(out, static_cast<int>((day_ - std::chrono::local_days(date_.year() / 1 / 1)).count()) + 1, 3, '0', flag);
        return true;
      case 'u':
        padded(out, weekday == 0 ? 7 : static_cast<int>(weekday), 1, '0', flag);
        return true;
      case 'w':
        padded(out, static_cast<int>(weekday), 1, '0', flag);
        return true;
      default:
        return false;
    }
  }

  bool clock_field(std::string& out, char letter, char flag) {
    const int hour = static_cast<int>(clock_.hours().count());
    const int twelve = hour % 12 == 0 ? 12 : hour % 12;
    switch (letter) {
      case 'H':
        padded(out, hour, 2, '0', flag);
        return true;
      case 'k':
        padded(out, hour, 2, ' ', flag);
        return true;
      case 'I':
        padded(out, twelve, 2, '0', flag);
        return true;
      case 'l':
        padded(out, twelve, 2, ' ', flag);
        return true;
      case 'M':
        padded(out, static_cast<int>(clock_.minutes().count()), 2, '0', flag);
        return true;
      case 'S':
        padded(out, static_cast<int>(clock_.seconds().count()), 2, '0', flag);
        return true;
      case 'p':
        out += hour < 12 ? "AM" : "PM";
        return true;
      case 'P':
        out += hour < 12 ? "am" : "pm";
        return true;
      case 's':
        fmt::format_to(std::back_inserter(out), "{}", time_.time_since_epoch().count() - offset_ * 60);
        return true;
      case 'z':
        fmt::format_to(std::back_inserter(out), "{}{:02}{:02}", offset_ < 0 ? '-' : '+', std::abs(offset_) / 60,
                       std::abs(offset_) % 60);
        return true;
      default:
        return false;
    }
  }

  std::chrono::local_days day_;
  std::chrono::year_month_day date_;
  std::chrono::hh_mm_ss<seconds> clock_;
  LocalTime time_;
  int offset_;
};

}  // namespace

Value format_date(FilterContext& context, const Value& input, std::string_view format) {
  const auto time = read(context, input);
  if (!time) return {};
  std::string& out = context.arena.text();
  if (format.size() < 1000) out = Formatter(*time, context.utc_offset_minutes).format(format);
  context.arena.charge(out.size());
  return std::string_view(out);
}

}  // namespace todoku::campaign::liquid
