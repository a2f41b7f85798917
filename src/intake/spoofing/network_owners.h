// Who owns the network of an address, by a database of autonomous systems in MaxMind's format (a file of the
// operator's).
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"

struct MMDB_s;

namespace todoku::intake::spoofing {

class NetworkOwners {
 public:
  /// Errors: `io`, `invalid`: the file cannot be read.
  [[nodiscard]] static base::Result<NetworkOwners> open(const std::filesystem::path& file);
  NetworkOwners(NetworkOwners&&) noexcept;
  NetworkOwners& operator=(NetworkOwners&&) noexcept;
  ~NetworkOwners();

  /// "Example Networks (AS64500)"; empty: not known.
  [[nodiscard]] std::string of(const std::string& address) const;

 private:
  struct Close {
    void operator()(MMDB_s* database) const;
  };
  explicit NetworkOwners(std::unique_ptr<MMDB_s, Close> database);
  std::unique_ptr<MMDB_s, Close> database_;
};

}  // namespace todoku::intake::spoofing
