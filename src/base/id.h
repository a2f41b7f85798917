// Database ids that cannot be mixed up: a ContactId is no CampaignId.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>

namespace todoku::base {

template <class Tag>
struct Id {
  std::int64_t value = 0;  // 0: none; the database counts from 1
  friend auto operator<=>(const Id&, const Id&) = default;
  explicit operator bool() const { return value != 0; }
};

using ContactId = Id<struct ContactTag>;
using ListId = Id<struct ListTag>;
using CampaignId = Id<struct CampaignTag>;
using TemplateId = Id<struct TemplateTag>;
using BatchId = Id<struct BatchTag>;

}  // namespace todoku::base

template <class Tag>
struct std::hash<todoku::base::Id<Tag>> {
  std::size_t operator()(const todoku::base::Id<Tag>& id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};
