// `todoku bench intake`: bounces of a campaign's mails, as mail servers bring them, to a bounce listener that runs
// elsewhere (`todoku serve` on the same data folder, or any other server), and how fast it answered for them.
//
// An answer means that the mail is on the listener's disk, so the rate is that of bounces taken over for good.
#pragma once
#include <cstdint>
#include <string>

namespace todoku::app {

class Context;

struct BenchIntake {
  std::string host;  // IP address of the listener
  std::uint16_t port = 0;
  std::string campaign;   // whose mails bounce; ours alone
  std::string recipient;  // where all go instead of to signed return paths, for comparison
  bool forged = false;    // return paths with wrong signatures instead
  std::int64_t count = 20'000;
  int connections = 50;
  int per_connection = 20;   // mails over one connection
  std::size_t size = 5'000;  // of one bounce, in bytes, near enough
};

struct IntakeFigures {
  std::int64_t taken = 0;    // answered with 250
  std::int64_t refused = 0;  // with 5xx: what forged ones are to get
  std::int64_t failed = 0;   // put off, or the connection broke
  double seconds = 0;
  double cpu_seconds = 0;  // of this process: the senders
  std::string failure;     // the first, in words
};

/// Uses the context's data folder for keys and readers. Prints an error and throws Stop where it cannot begin.
[[nodiscard]] IntakeFigures bench_intake(Context& context, const BenchIntake& wanted);

}  // namespace todoku::app
