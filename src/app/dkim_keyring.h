// The DKIM keys of a data folder: entries in the database, private halves in DATA/dkim.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "authentication/dkim_keys.h"
#include "base/result.h"
#include "delivery/signed_mails.h"

namespace todoku::store {
class Store;
}

namespace todoku::app {

class Context;

struct DkimKeyWanted {
  std::string domain;    // A-labels
  std::string selector;  // empty: one of today's date
  authentication::DkimAlgorithm algorithm = authentication::DkimAlgorithm::rsa_sha256;
  authentication::DkimKeyState state = authentication::DkimKeyState::active;
};

/// Makes the key's file, then its entry; neither is left behind alone.
[[nodiscard]] base::Result<authentication::DkimKeyEntry> make_dkim_key(Context& context, const DkimKeyWanted& wanted);

/// Every active key with its private half. Fails where one cannot be read: its mails would go unsigned.
[[nodiscard]] base::Result<std::vector<delivery::SigningDomain>> load_signing_domains(Context& context);
[[nodiscard]] base::Result<std::vector<delivery::SigningDomain>> load_signing_domains(
    store::Store& store, const std::filesystem::path& data);

/// Removes entry and file.
void remove_dkim_key(Context& context, const authentication::DkimKeyEntry& key);

}  // namespace todoku::app
