#include "queue/contact_list.h"

#include <algorithm>
#include <cstdint>

#include "store/connection.h"

namespace todoku::queue {

std::string pack_contacts(std::span<const base::ContactId> contacts) {
  std::vector<base::ContactId> sorted(contacts.begin(), contacts.end());
  std::ranges::sort(sorted);
  sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
  std::string out;
  out.reserve(sorted.size() * 2 + 8);
  std::int64_t last = 0;
  for (const base::ContactId contact : sorted) {
    auto rest = static_cast<std::uint64_t>(contact.value - last);
    last = contact.value;
    for (; rest >= 0x80; rest >>= 7U) out += static_cast<char>((rest & 0x7FU) | 0x80U);
    out += static_cast<char>(rest);
  }
  return out;
}

std::vector<base::ContactId> unpack_contacts(std::string_view bytes) {
  std::vector<base::ContactId> contacts;
  std::uint64_t id = 0;
  std::uint64_t difference = 0;
  unsigned shift = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift > 63) break;
    difference |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    shift += 7;
    if ((byte & 0x80U) != 0) continue;
    id += difference;
    contacts.push_back({static_cast<std::int64_t>(id)});
    difference = 0;
    shift = 0;
  }
  if (shift != 0) throw store::Failure(store::Failure::Kind::statement, "a batch's list of contacts is damaged");
  return contacts;
}

}  // namespace todoku::queue
