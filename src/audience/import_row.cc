#include "audience/import_row.h"

#include <algorithm>

#include "audience/address_fault.h"
#include "base/ascii.h"
#include "mail/address.h"

namespace todoku::audience {
namespace {

constexpr std::size_t kMaxRememberedDomains = 10'000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWideBlank = "\u3000";
  for (;;) {
    const auto before = text.size();
    text = base::trim(text);
    if (text.starts_with(kWideBlank)) text.remove_prefix(kWideBlank.size());
    if (text.ends_with(kWideBlank)) text.remove_suffix(kWideBlank.size());
    if (text.size() == before) return text;
  }
}

void assign_value(std::string& to, std::string_view value) {
  to = trimmed(value);
  std::ranges::replace_if(to, [](char c) { return is_control(c) && !base::ascii_space(c); }, ' ');
}

void append_line(std::string& to, std::string_view value) {
  value = trimmed(value);
  if (value.empty()) return;
  if (!to.empty()) to += ' ';
  const auto begin = static_cast<std::ptrdiff_t>(to.size());
  to += value;
  std::replace_if(to.begin() + begin, to.end(), is_control, ' ');
}

std::string_view cell(const CsvRecord& record, std::size_t column) {
  return column < record.fields.size() ? record.fields[column] : std::string_view();
}

}  // namespace

RowCheck::RowCheck(const ImportColumns& columns, std::string consent)
    : columns_(columns), consent_(std::move(consent)) {}

std::optional<RowFault> RowCheck::check(const CsvRecord& record, ImportRow& row) {
  const auto width = columns_.names.size();
  for (std::size_t i = width; i < record.fields.size(); ++i) {
    if (!trimmed(record.fields[i]).empty()) return RowFault{.kind = RowFault::Kind::too_many_columns, .column = i};
  }
  const auto typed = trimmed(cell(record, columns_.address));
  if (typed.empty()) return RowFault{.kind = RowFault::Kind::no_address, .column = columns_.address};
  auto address = mail::parse_address(typed);
  if (!address) {
    return RowFault{RowFault::Kind::bad_address, columns_.address, address.error()};
  }
  row.address = address->display();
  row.address_key = address->match_key();
  row.domain = address->ascii_domain;
  row.role = mail::is_role_address(*address);
  row.near_domain = near_domain(row.domain);
  row.name.clear();
  for (const auto column : columns_.name) append_line(row.name, cell(record, column));
  row.consent.clear();
  if (columns_.consent) append_line(row.consent, cell(record, *columns_.consent));
  if (row.consent.empty()) row.consent = consent_;
  row.values.resize(columns_.fields.size());
  for (std::size_t i = 0; i < columns_.fields.size(); ++i) {
    assign_value(row.values[i], cell(record, columns_.fields[i].column));
  }
  return std::nullopt;
}

std::string_view RowCheck::near_domain(const std::string& domain) {
  if (const auto known = near_.find(domain); known != near_.end()) return known->second;
  if (near_.size() >= kMaxRememberedDomains) near_.clear();
  return near_.emplace(domain, mail::near_domain(domain).value_or(std::string_view())).first->second;
}

std::string describe(const RowFault& fault, bounce::Language language) {
  const bool ja = language == bounce::Language::ja;
  switch (fault.kind) {
    case RowFault::Kind::no_address:
      return ja ? "メールアドレスがありません" : "there is no address";
    case RowFault::Kind::too_many_columns:
      return ja ? "見出しより列が多くあります" : "more columns than the header";
    case RowFault::Kind::bad_address:
      break;
  }
  if (ja) return "メールアドレスの形式が正しくありません: " + japanese_address_fault(fault.address);
  return "the address is not valid: " + fault.address.message +
         (fault.address.where.empty() ? "" : ", " + fault.address.where);
}

}  // namespace todoku::audience
