#include "intake/spoofing/network_owners.h"

#include <maxminddb.h>

#include <utility>

namespace todoku::intake::spoofing {

void NetworkOwners::Close::operator()(MMDB_s* database) const {
  MMDB_close(database);
  delete database;  // NOLINT(cppcoreguidelines-owning-memory): it is unique_ptr's
}

NetworkOwners::NetworkOwners(std::unique_ptr<MMDB_s, Close> database) : database_(std::move(database)) {}
NetworkOwners::NetworkOwners(NetworkOwners&&) noexcept = default;
NetworkOwners& NetworkOwners::operator=(NetworkOwners&&) noexcept = default;
NetworkOwners::~NetworkOwners() = default;

base::Result<NetworkOwners> NetworkOwners::open(const std::filesystem::path& file) {
  auto opened = std::make_unique<MMDB_s>();
  const int status = MMDB_open(file.c_str(), MMDB_MODE_MMAP, opened.get());
  if (status != MMDB_SUCCESS) {
    const bool missing = status == MMDB_FILE_OPEN_ERROR || status == MMDB_IO_ERROR;
    return base::Error{missing ? base::ErrorCode::io : base::ErrorCode::invalid, MMDB_strerror(status),
                       "spoofing.asn_database names a database of autonomous systems (.mmdb)", file.string()};
  }
  return NetworkOwners(std::unique_ptr<MMDB_s, Close>(opened.release()));
}

std::string NetworkOwners::of(const std::string& address) const {
  int no_address = 0, broken = 0;
  MMDB_lookup_result_s found = MMDB_lookup_string(database_.get(), address.c_str(), &no_address, &broken);
  if (no_address != 0 || broken != MMDB_SUCCESS || !found.found_entry) return {};
  std::string owner;
  MMDB_entry_data_s value{};
  const auto get = [&](const char* name) {
    return MMDB_get_value(&found.entry, &value, name, nullptr) == MMDB_SUCCESS && value.has_data;
  };
  if (get("autonomous_system_organization") && value.type == MMDB_DATA_TYPE_UTF8_STRING) {
    owner.assign(value.utf8_string, value.data_size);
  }
  if (get("autonomous_system_number") && value.type == MMDB_DATA_TYPE_UINT32) {
    const std::string number = "AS" + std::to_string(value.uint32);
    owner = owner.empty() ? number : owner + " (" + number + ")";
  }
  return owner;
}

}  // namespace todoku::intake::spoofing
