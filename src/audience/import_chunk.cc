#include "audience/import_chunk.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace todoku::audience {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{12} << 20;
constexpr std::size_t kSlots = std::size_t{1} << 17;  // a power of two, twice kRows and more

}  // namespace

static_assert(kSlots >= 2 * ImportChunk::kRows);

void ImportChunk::begin(std::int64_t first_record) {
  first_record_ = first_record;
  records_ = rows_ = 0;
  bytes_.clear();
  cells_.clear();
  order_.clear();
  slots_.assign(kSlots, 0);
  last_domain_ = last_consent_ = {};
}

ImportChunk::Text ImportChunk::keep(std::string_view text) {
  const Text kept{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
  bytes_ += text;
  return kept;
}

std::uint32_t& ImportChunk::slot_of(std::string_view key) {
  std::size_t at = std::hash<std::string_view>{}(key) & (kSlots - 1);
  while (slots_[at] != 0 && text(cell(slots_[at] - 1, kKey)) != key) at = (at + 1) & (kSlots - 1);
  return slots_[at];
}

void ImportChunk::add(const ImportRow& row) {
  ++rows_;
  auto& slot = slot_of(row.address_key);
  if (slot != 0) return merge(slot - 1, row);
  const auto address = keep(row.address);
  cells_.push_back(address);
  cells_.push_back(row.address_key == row.address ? address : keep(row.address_key));
  if (text(last_domain_) != row.domain) last_domain_ = keep(row.domain);
  cells_.push_back(last_domain_);
  cells_.push_back(keep(row.name));
  if (text(last_consent_) != row.consent) last_consent_ = keep(row.consent);
  cells_.push_back(last_consent_);
  for (const auto& value : row.values) cells_.push_back(keep(value));
  slot = static_cast<std::uint32_t>(cells_.size() / width_);
}

void ImportChunk::merge(std::uint32_t contact, const ImportRow& row) {
  Text* const cells = &cells_[contact * width_];
  if (!row.name.empty()) cells[kName] = keep(row.name);
  if (cells[kConsent].size == 0) cells[kConsent] = keep(row.consent);
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (!row.values[i].empty()) cells[kFixed + i] = keep(row.values[i]);
  }
}

void ImportChunk::end(std::int64_t records) {
  records_ = records;
  order_.resize(cells_.size() / width_);
  std::iota(order_.begin(), order_.end(), 0U);
  std::ranges::sort(order_, {}, [this](std::uint32_t contact) { return text(cell(contact, kKey)); });
}

bool ImportChunk::full() const { return rows_ >= max_rows_ || bytes_.size() >= kMaxBytes; }

ImportChunk::Contact ImportChunk::contact(std::size_t at) const {
  const auto contact = order_[at];
  return {text(cell(contact, kAddress)), text(cell(contact, kKey)), text(cell(contact, kDomain)),
          text(cell(contact, kName)), text(cell(contact, kConsent))};
}

}  // namespace todoku::audience
