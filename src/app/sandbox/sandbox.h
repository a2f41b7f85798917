// A receiving mail server inside Todoku, for learning and trying without DNS, port 25 or anybody's mailbox.
//
// It speaks real SMTP on loopback, takes mail for every address, and defers or refuses by the part before the @
// (behaviour.h). What it takes is kept in a Maildir below its folder, where the mailbox view will read it.
#pragma once
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "net/runtime.h"
#include "net/stream.h"

namespace todoku::app::sandbox {

/// What happened so far.
struct Tally {
  std::int64_t taken = 0;
  std::int64_t deferred = 0;  // 4xx answers
  std::int64_t refused = 0;   // 5xx answers
};

class Sandbox {
 public:
  /// Listens on loopback; port 0 takes a free one. `runtime` lives longer. Errors: the port is taken, the folder cannot
  /// be made.
  [[nodiscard]] static base::Result<std::unique_ptr<Sandbox>> start(net::Runtime& runtime, std::uint16_t port,
                                                                    const std::filesystem::path& folder);
  virtual ~Sandbox() = default;
  [[nodiscard]] virtual net::Endpoint at() const = 0;
  [[nodiscard]] virtual Tally tally() const = 0;
  /// The Maildir.
  [[nodiscard]] virtual const std::filesystem::path& mailbox() const = 0;
};

}  // namespace todoku::app::sandbox
