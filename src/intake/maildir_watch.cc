#include "intake/maildir_watch.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "intake/maildir.h"

namespace todoku::intake {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMails = 100;       // of a group
constexpr std::size_t kMostBytes = 32 << 20;  // of a group, but for its last mail

base::Result<std::size_t> size_of(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return base::Error{base::ErrorCode::io, error.message(), "", file.string()};
  return size;
}

/// But for its content.
Arrival named(const fs::path& file, std::string_view place, base::Time now) {
  Arrival arrival;
  arrival.road = Road::folder;
  arrival.place = place;
  arrival.identity = file.filename().string();
  arrival.identity.resize(std::min(arrival.identity.find(':'), arrival.identity.size()));  // the flags change
  arrival.at = now;
  return arrival;
}

/// The first `size` bytes of it.
base::Result<Arrival> read_beginning(const fs::path& file, std::string_view place, std::size_t size, base::Time now) {
  Arrival arrival = named(file, place, now);
  arrival.content.resize(size);
  std::ifstream in(file, std::ios::binary);
  in.read(arrival.content.data(), static_cast<std::streamsize>(size));
  if (!in) return base::Error{base::ErrorCode::io, "cannot be read", "this program must be allowed to", file.string()};
  return arrival;
}

}  // namespace

base::Result<Arrival> read_mail_file(const fs::path& file, std::string_view place, std::size_t limit, base::Time now) {
  const auto size = size_of(file);
  if (!size) return size.error();
  if (*size > limit) {
    return base::Error{base::ErrorCode::limit, "the mail is too large", "look at it by hand", file.string()};
  }
  return read_beginning(file, place, *size, now);
}

Arrival MaildirWatch::read_as_far_as_possible(const fs::path& mail, std::size_t size) const {
  auto arrival = read_beginning(mail, maildir_.string(), std::min(size, kLargestMail), clock_.now());
  if (!arrival) {
    base::log::warning("mail_unread", {{"cause", arrival.error().text()}});
    Arrival unread = named(mail, maildir_.string(), clock_.now());
    unread.lacking = "the file cannot be read: this program must be allowed to";
    return unread;
  }
  if (size > kLargestMail) arrival->lacking = beginning_alone(kLargestMail);
  return *std::move(arrival);
}

base::Result<std::size_t> MaildirWatch::take_some() {
  auto mails = new_mails(maildir_, kMostMails);
  if (!mails) return std::move(mails).error();
  std::vector<Arrival> arrivals;
  std::vector<fs::path> taken;
  std::size_t bytes = 0;
  for (const fs::path& mail : *mails) {
    if (bytes > kMostBytes) break;
    const auto size = size_of(mail);
    if (!size) continue;  // gone since: somebody else has moved it
    arrivals.push_back(read_as_far_as_possible(mail, *size));
    bytes += arrivals.back().content.size();
    taken.push_back(mail);
  }
  taker_.take(arrivals);
  for (const fs::path& mail : taken) mark_as_met(mail);
  return taken.size();
}

}  // namespace todoku::intake
