#include "authentication/signed_headers.h"

#include <array>

#include "base/ascii.h"

namespace todoku::authentication {
namespace {

constexpr std::size_t kLine = 78;

struct Signable {
  std::string_view name;
  bool oversigned;
};

// In the order of h=. A list that resends a mail adds its own List-… fields; those we do not send ourselves are left
// open to it.
constexpr auto kSignable = std::to_array<Signable>({
    {"From", true},
    {"To", true},
    {"Cc", true},
    {"Subject", true},
    {"Date", true},
    {"Message-ID", true},
    {"Reply-To", true},
    {"MIME-Version", true},
    {"Content-Type", true},
    {"Content-Transfer-Encoding", true},
    {"List-Id", true},
    {"List-Unsubscribe", true},
    {"List-Unsubscribe-Post", true},
    {"Feedback-ID", true},
    {"Sender", false},
    {"In-Reply-To", false},
    {"References", false},
    {"Content-Disposition", false},
    {"Content-ID", false},
    {"Content-Description", false},
    {"Content-Language", false},
    {"List-Help", false},
    {"List-Subscribe", false},
    {"List-Post", false},
    {"List-Owner", false},
    {"List-Archive", false},
    {"Resent-Date", false},
    {"Resent-From", false},
    {"Resent-Sender", false},
    {"Resent-To", false},
    {"Resent-Cc", false},
    {"Resent-Message-ID", false},
    {"Precedence", false},
    {"Auto-Submitted", false},
});

std::int8_t kind_of(std::string_view name) {
  for (std::size_t i = 0; i < kSignable.size(); ++i) {
    if (base::iequals(kSignable[i].name, name)) return static_cast<std::int8_t>(i);
  }
  return -1;
}

}  // namespace

void SignedHeaders::choose(const std::vector<HeaderField>& fields) {
  found_.clear();
  for (const HeaderField& field : fields) found_.push_back(kind_of(field.name));
  if (found_ == kinds_ && !tag_.empty()) return;
  kinds_ = found_;
  order_.clear();
  has_from_ = false;
  for (std::size_t kind = 0; kind < kSignable.size(); ++kind) {
    // Verifiers take the fields of one name from the bottom up (RFC 6376 section 5.4.2).
    for (std::size_t i = kinds_.size(); i-- > 0;) {
      if (kinds_[i] == static_cast<std::int8_t>(kind)) order_.push_back(static_cast<std::uint16_t>(i));
    }
    if (kind == 0) has_from_ = !order_.empty();
  }
  write_tag();
}

void SignedHeaders::write_tag() {
  tag_ = "h=";
  std::size_t line = 0;
  const auto add = [&](std::string_view name) {
    if (tag_.size() > 2) tag_ += ':';
    if (tag_.size() - line + name.size() + 2 > kLine) {  // a ':' or ';' behind, a blank before
      tag_ += "\r\n ";
      line = tag_.size() - 1;
    }
    tag_ += name;
  };
  std::size_t next = 0;
  for (std::size_t kind = 0; kind < kSignable.size(); ++kind) {
    for (; next < order_.size() && kinds_[order_[next]] == static_cast<std::int8_t>(kind); ++next) {
      add(kSignable[kind].name);
    }
    if (kSignable[kind].oversigned) add(kSignable[kind].name);
  }
  tag_ += ';';
}

}  // namespace todoku::authentication
