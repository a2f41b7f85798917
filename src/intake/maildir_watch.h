// Watches a Maildir for what some mail server delivers there, and takes it in.
//
// What was read moves from new/ to cur/, still unread for whoever looks there. Nothing is deleted.
// A mail moves only once it is on disk here, so an interruption loses nothing, and the Taker knows what comes twice. Of
// one that is larger than kLargestMail the beginning is read, of one that cannot be read nothing: the Taker hears why.
#pragma once
#include <cstddef>
#include <filesystem>

#include "base/clock.h"
#include "base/result.h"
#include "intake/arrival.h"

namespace todoku::intake {

class MaildirWatch {
 public:
  /// Both live longer.
  MaildirWatch(std::filesystem::path maildir, Taker& taker, const base::Clock& clock)
      : maildir_(std::move(maildir)), taker_(taker), clock_(clock) {}

  /// Takes in what lies there, one group of it; how many, so that 0 means that it is empty now. Blocking. Errors: it
  /// cannot be read. Throws store::Failure as the Taker does.
  [[nodiscard]] base::Result<std::size_t> take_some();

  [[nodiscard]] const std::filesystem::path& maildir() const { return maildir_; }

 private:
  [[nodiscard]] Arrival read_as_far_as_possible(const std::filesystem::path& mail, std::size_t size) const;

  std::filesystem::path maildir_;
  Taker& taker_;
  const base::Clock& clock_;
};

/// A file as an Arrival of Road::folder; its name is its identity. Errors: it cannot be read, or is beyond `limit`.
[[nodiscard]] base::Result<Arrival> read_mail_file(const std::filesystem::path& file, std::string_view place,
                                                   std::size_t limit, base::Time now);

inline constexpr std::size_t kLargestMail = 64 << 20;

}  // namespace todoku::intake
