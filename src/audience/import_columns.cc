#include "audience/import_columns.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/ascii.h"
#include "mail/address.h"

namespace todoku::audience {
namespace {

using Name = std::string_view;

// As folded() writes them.
constexpr Name kAddressNames[] = {"email",
                                  "emailaddress",
                                  "mail",
                                  "mailaddress",
                                  "emailadress",
                                  "email1value",
                                  "email1",
                                  "メールアドレス",
                                  "メアド",
                                  "メール",
                                  "eメール",
                                  "eメールアドレス",
                                  "emailアドレス",
                                  "mailアドレス",
                                  "電子メール",
                                  "電子メールアドレス",
                                  "電子メールアドレス1",
                                  "メールアドレス1",
                                  "pcメールアドレス",
                                  "配信先メールアドレス",
                                  "宛先メールアドレス"};
constexpr Name kNameNames[] = {"name", "fullname", "contactname", "displayname", "氏名",   "お名前",   "名前",
                               "姓名", "宛名",     "ご氏名",      "顧客名",      "会員名", "担当者名", "読者名"};
constexpr Name kFamilyNames[] = {"姓", "苗字", "lastname", "familyname", "surname"};
constexpr Name kGivenNames[] = {"名", "firstname", "givenname"};
constexpr Name kConsentNames[] = {"consent", "consentbasis", "optin", "同意", "同意根拠", "オプトイン"};
constexpr std::size_t kMaxFieldName = 200;  // bytes

bool is_one_of(Name name, std::span<const Name> names) { return std::ranges::find(names, name) != names.end(); }

/// Letter case, blanks, hyphens, underscores and full-width forms of ASCII make no difference.
std::string folded(Name name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (name.substr(i, 3) == "\u3000") {
      i += 2;
      continue;
    }
    // U+FF01..U+FF5E are ! to ~, in UTF-8 EF BC 81 .. EF BD 9E
    if (c == '\xef' && i + 2 < name.size() && (name[i + 1] == '\xbc' || name[i + 1] == '\xbd')) {
      const int low = static_cast<unsigned char>(name[i + 2]) & 0x3f;
      const int code = (name[i + 1] == '\xbc' ? 0 : 0x40) + low + 0x20;
      if (code > 0x20 && code < 0x7f) {
        c = static_cast<char>(code);
        i += 2;
      }
    }
    if (c == ' ' || c == '-' || c == '_' || c == '\t' || c == '.') continue;
    out += base::ascii_lower(c);
  }
  return out;
}

base::Error error(std::string message, std::string hint) {
  return {base::ErrorCode::invalid, std::move(message), std::move(hint), "line 1"};
}

struct Parts {
  std::optional<std::size_t> whole, family, given;
};

class Planner {
 public:
  Planner(std::span<const std::string> first, std::span<const ColumnMapping> mappings)
      : first_(first), mappings_(mappings), targets_(first.size()) {}

  base::Result<ImportColumns> plan() {
    plan_.has_header = !looks_like_data();
    for (std::size_t i = 0; i < first_.size(); ++i) {
      plan_.names.push_back(plan_.has_header ? std::string(base::trim(first_[i])) : "column " + std::to_string(i + 1));
    }
    if (auto mapped = take_mappings(); !mapped) return std::move(mapped).error();
    if (plan_.has_header) name_targets();
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (auto placed = place(i, targets_[i]); !placed) return std::move(placed).error();
    }
    if (!address_) {
      return error("no column holds addresses", "name it: --map COLUMN=email (columns: " + all_names() + ")");
    }
    plan_.address = *address_;
    join_name();
    return plan_;
  }

 private:
  /// No header where a cell of the first line is an address; that cell's column then holds the addresses.
  bool looks_like_data() {
    const auto found =
        std::ranges::find_if(first_, [](const std::string& cell) { return mail::parse_address(cell).ok(); });
    if (found == first_.end()) return false;
    targets_[static_cast<std::size_t>(found - first_.begin())] = "email";
    return true;
  }

  base::Result<void> take_mappings() {
    for (const auto& mapping : mappings_) {
      const auto column = find(mapping.column);
      if (!column) {
        return error("--map names a column that is not there: " + mapping.column, "the columns are: " + all_names());
      }
      if (mapping.target == "email") std::ranges::replace(targets_, std::optional<std::string>("email"), "-");
      targets_[*column] = mapping.target;
    }
    return base::done;
  }

  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const {
    if (const auto found = std::ranges::find(plan_.names, name); found != plan_.names.end()) {
      return static_cast<std::size_t>(found - plan_.names.begin());
    }
    std::size_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed != std::errc() || end != name.data() + name.size() || number < 1 || number > first_.size()) return {};
    return number - 1;
  }

  /// What is not mapped goes by its name. A mapped address, name or consent leaves its own name to be a plain field.
  void name_targets() {
    const auto mapped = [&](Name target) {
      return std::ranges::any_of(targets_, [&](const auto& known) { return known && *known == target; });
    };
    const bool address = mapped("email");
    const bool name = mapped("name");
    const bool consent = mapped("consent");
    bool address_found = address;
    for (std::size_t i = 0; i < first_.size(); ++i) {
      if (targets_[i]) continue;
      const auto key = folded(plan_.names[i]);
      if (!address_found && is_one_of(key, kAddressNames)) {
        targets_[i] = "email";
        address_found = true;
      } else if (!name && is_one_of(key, kNameNames)) {
        targets_[i] = std::exchange(name_found_, true) ? plan_.names[i] : "name";
      } else if (!consent && is_one_of(key, kConsentNames)) {
        targets_[i] = "consent";
      } else if (plan_.names[i].empty() || plan_.names[i].starts_with(kOwnPrefix)) {
        targets_[i] = "-";
      } else {
        targets_[i] = plan_.names[i];
        if (!parts_.family && is_one_of(key, kFamilyNames)) parts_.family = i;
        if (!parts_.given && is_one_of(key, kGivenNames)) parts_.given = i;
      }
    }
  }

  base::Result<void> place(std::size_t column, const std::optional<std::string>& target) {
    if (!target || *target == "-") return base::done;
    const auto [other, fresh] = used_.try_emplace(*target, column);
    if (!fresh) {
      return error("columns " + std::to_string(other->second + 1) + " and " + std::to_string(column + 1) +
                       " are both " + *target,
                   "map one of them to another field or to nothing: --map " + std::to_string(column + 1) + "=-");
    }
    if (*target == "email") {
      address_ = column;
    } else if (*target == "name") {
      parts_.whole = column;
    } else if (*target == "consent") {
      plan_.consent = column;
    } else {
      if (target->size() > kMaxFieldName) return error("the column name is too long: " + *target, "shorten it");
      plan_.fields.push_back({column, *target});
    }
    return base::done;
  }

  void join_name() {
    if (parts_.whole) {
      plan_.name = {*parts_.whole};
    } else if (parts_.family && parts_.given) {
      const bool japanese = static_cast<unsigned char>(plan_.names[*parts_.family].front()) >= 0x80;
      plan_.name = japanese ? std::vector{*parts_.family, *parts_.given} : std::vector{*parts_.given, *parts_.family};
    } else if (parts_.family) {
      plan_.name = {*parts_.family};
    }
  }

  [[nodiscard]] std::string all_names() const {
    std::string all;
    for (const auto& name : plan_.names) all += (all.empty() ? "" : ", ") + name;
    if (all.size() > 300) all = all.substr(0, all.rfind(", ", 300)) + " …";
    return all;
  }

  std::span<const std::string> first_;
  std::span<const ColumnMapping> mappings_;
  std::vector<std::optional<std::string>> targets_;
  std::map<std::string, std::size_t> used_;
  std::optional<std::size_t> address_;
  bool name_found_ = false;
  Parts parts_;
  ImportColumns plan_;
};

}  // namespace

base::Result<ColumnMapping> parse_mapping(std::string_view text) {
  const auto sign = text.rfind('=');
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == text.size()) {
    return base::Error{base::ErrorCode::invalid, "a mapping is written column=field",
                       "for example --map 'E-Mail=email' or --map 3=city", std::string(text)};
  }
  auto target = std::string(base::trim(text.substr(sign + 1)));
  if (base::iequals(target, "address")) target = "email";
  return ColumnMapping{std::string(base::trim(text.substr(0, sign))), std::move(target)};
}

base::Result<ImportColumns> plan_columns(std::span<const std::string> first, std::span<const ColumnMapping> mappings) {
  return Planner(first, mappings).plan();
}

}  // namespace todoku::audience
