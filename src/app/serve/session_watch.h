// Lets `todoku trace-smtp --watch` see the daemon's live sessions, over the socket DATA/watch.sock.
//
// A client sends one line, a domain, a host or a receiver's name ("gmail"; "*": all), and gets the lines of every
// session to it that begins from then on, secrets masked (smtp/witness.h), until it hangs up. Only this program's own
// user (and root) may connect: the socket lies in the private data folder, is 0600, and the peer's user is asked for.
// At most four clients; one that does not read loses lines and is told so, the sessions never wait.
#pragma once
#include <atomic>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "smtp/witness.h"

namespace todoku::app {

class SessionWatch {
 public:
  /// Errors: the socket cannot be made (a path of more than 107 bytes).
  [[nodiscard]] static base::Result<std::unique_ptr<SessionWatch>> start(const std::filesystem::path& data);
  ~SessionWatch();

  /// Null: nobody watches such sessions. From any thread; costs one atomic read then.
  [[nodiscard]] std::shared_ptr<smtp::Witness> witness(std::string_view receiver, std::string_view site,
                                                       std::string_view host);

  class Client;

 private:
  SessionWatch() = default;
  base::Result<void> listen(const std::filesystem::path& data);
  void run(const std::stop_token& stop);
  void accept();
  void serve(Client& client, bool readable);

  std::filesystem::path path_;
  int listener_ = -1;
  std::atomic<int> watching_ = 0;
  std::atomic<std::uint64_t> sessions_ = 0;
  std::mutex mutex_;
  std::list<std::shared_ptr<Client>> clients_;  // guarded by mutex_; shared with the sessions that are watched
  std::jthread thread_;
};

/// Where the socket is.
[[nodiscard]] std::filesystem::path watch_socket(const std::filesystem::path& data);

}  // namespace todoku::app
