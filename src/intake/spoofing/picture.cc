#include "intake/spoofing/picture.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "intake/spoofing/sources.h"
#include "intake/spoofing/spoofing_queries.h"
#include "store/utf8.h"

namespace todoku::intake::spoofing {
namespace {

constexpr std::int64_t kMostDomains = 100;
constexpr std::int64_t kMonth = 31;  // days
constexpr std::chrono::days kNameLasts{30};

void read_reports(store::Connection& db, Picture& picture, std::int64_t first) {
  {
    store::Rows rows = db.query(kReports, {picture.domain, base::from_stored(first * 86'400'000)});
    if (rows.next()) {
      picture.reports = rows.integer(0);
      picture.receivers = rows.integer(1);
      picture.report_days = rows.integer(2);
    }
  }
  store::Rows rows = db.query(kLastPolicy, {picture.domain});
  if (!rows.next()) return;
  picture.policy = rows.text(0);
  picture.sub_policy = rows.text(1);
  picture.percent = static_cast<int>(rows.integer(2));
}

Volume& volume_of(Picture& picture, Origin origin) {
  switch (origin) {
    case Origin::own:
      return picture.own;
    case Origin::forwarded:
      return picture.forwarded;
    case Origin::authorised:
      return picture.authorised;
    case Origin::elsewhere:
      break;
  }
  return picture.elsewhere;
}

void add(Picture& picture, SourceLine& line, const SourceDay& row) {
  line.last_day = std::max(line.last_day, row.day);
  if (row.key.spring == to_string(Spring::bounce)) {
    line.bounces += row.mails;
    picture.bounces += row.mails;
  } else if (row.key.spring == to_string(Spring::complaint)) {
    line.complaints += row.mails;
    picture.complaints += row.mails;
  } else if (row.key.spring == to_string(Spring::unproven)) {
    line.unproven += row.mails;
    picture.unproven += row.mails;
  } else {
    line.volume.add(row.key, row.mails);
    volume_of(picture, line.origin).add(row.key, row.mails);
  }
}

std::int64_t weight(const SourceLine& line) {
  return line.volume.mails + line.bounces + line.complaints + line.unproven;
}

}  // namespace

void Volume::add(const SourceKey& key, std::int64_t count) {
  mails += count;
  if (!is_aligned(key)) unaligned += count;
  if (key.disposition == "quarantine") quarantined += count;
  if (key.disposition == "reject") refused += count;
}

Picture read_picture(store::Connection& db, std::string_view domain, int days, const OwnSources& own, base::Time now) {
  Picture picture;
  picture.domain = domain;
  picture.days = days;
  const std::int64_t today = day_of(now), first = today - days + 1;
  read_reports(db, picture, first);
  std::map<std::pair<std::string, Origin>, SourceLine> lines;
  for (const SourceDay& row : source_days(db, domain, first, today + 1)) {
    const Origin origin = origin_of(row.key, own);
    SourceLine& line = lines[{row.key.address, origin}];
    line.address = row.key.address;
    line.origin = origin;
    add(picture, line, row);
  }
  for (auto& [key, line] : lines) {
    if (!line.address.empty()) line.name = db.query_text(kHostName, {line.address}).value_or("");
    picture.sources.push_back(std::move(line));
  }
  std::ranges::sort(picture.sources, [](const SourceLine& a, const SourceLine& b) {
    return weight(a) != weight(b) ? weight(a) > weight(b) : a.address < b.address;
  });
  picture.alerts = open_alerts(db, domain);
  return picture;
}

std::vector<std::string> pictured_domains(store::Connection& db, int days, base::Time now) {
  std::vector<std::string> domains;
  store::Rows rows = db.query(kDomains, {day_of(now) - days + 1, kMostDomains});
  while (rows.next()) domains.emplace_back(rows.text(0));
  return domains;
}

std::vector<std::string> nameless_addresses(store::Connection& db, base::Time now, std::int64_t most) {
  std::vector<std::string> addresses;
  store::Rows rows = db.query(kNameless, {day_of(now) - kMonth, now - kNameLasts, most});
  while (rows.next()) addresses.emplace_back(rows.text(0));
  return addresses;
}

void keep_host_name(store::Connection& db, std::string_view address, std::string_view name, base::Time now) {
  const std::string storable = store::to_storable_text(name.substr(0, 253));
  db.execute(kKeepHostName, {address, storable, now});
}

}  // namespace todoku::intake::spoofing
