#include "dns/mail_hosts.h"

#include <algorithm>
#include <unordered_set>

namespace todoku::dns {

std::vector<MxRecord> in_order(std::vector<MxRecord> records, const std::function<std::uint64_t()>& random) {
  std::vector<std::pair<std::uint64_t, MxRecord>> drawn;
  for (auto& record : records) drawn.emplace_back(random(), std::move(record));
  std::ranges::sort(drawn, {}, [](const auto& d) { return std::pair(d.second.preference, d.first); });
  records.clear();
  for (auto& [lot, record] : drawn) records.push_back(std::move(record));
  std::unordered_set<std::string> seen;
  std::erase_if(records, [&](const MxRecord& record) { return !seen.insert(record.host).second; });
  return records;
}

bool is_null_mx(const std::vector<MxRecord>& records) { return records.size() == 1 && records.front().host == "."; }

}  // namespace todoku::dns
