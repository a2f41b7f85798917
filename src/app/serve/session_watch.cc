#include "app/serve/session_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

#include "app/trace_text.h"
#include "smtp/watch_question.h"

namespace todoku::app {
namespace {

constexpr std::size_t kMostClients = 4;
constexpr std::size_t kMostWaiting = 256 * 1024;  // bytes that a client has not read
constexpr int kTurn = 100;                        // ms

base::Error no_socket(const std::filesystem::path& path, const char* what) {
  return {base::ErrorCode::io, fmt::format("the socket for watching sessions cannot be made: {}", what),
          "is the data folder's path longer than 90 bytes?", path.string()};
}

bool is_ours(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

std::filesystem::path watch_socket(const std::filesystem::path& data) { return data / "watch.sock"; }

/// One who watches: what it asked for, and what it has not read yet.
class SessionWatch::Client {
 public:
  explicit Client(int descriptor) : descriptor_(descriptor) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(descriptor_); }

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] bool asked() const { return asked_; }
  void end() { over_ = true; }

  [[nodiscard]] bool wants(std::string_view receiver, std::string_view site, std::string_view host) const {
    return asked_ && !over_ && question_.wants(receiver, site, host);
  }

  /// On the sessions' threads.
  void add(std::string_view lines) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + lines.size() > kMostWaiting) {
      lost_ = true;
      return;
    }
    if (std::exchange(lost_, false)) waiting_ += "(lines were lost here: they came faster than they were read)\n";
    waiting_ += lines;
  }

  void read() {
    std::array<char, smtp::WatchQuestion::kLongest + 1> buffer{};
    const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return end();
    if (asked_) return;
    const auto state = question_.read({buffer.data(), static_cast<std::size_t>(got)});
    if (state == smtp::WatchQuestion::State::refused) return end();
    asked_ = state == smtp::WatchQuestion::State::asked;  // from there on other threads may read the question
  }

  void write() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    const ssize_t sent = ::send(descriptor_, waiting_.data(), waiting_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) waiting_.erase(0, static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) end();
  }

 private:
  const int descriptor_;
  smtp::WatchQuestion question_;
  std::atomic<bool> asked_ = false;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::string waiting_;  // guarded by mutex_
  bool lost_ = false;    // likewise
};

namespace {

class WatchedSession final : public smtp::Witness {
 public:
  WatchedSession(std::shared_ptr<SessionWatch::Client> client, std::uint64_t number)
      : client_(std::move(client)), prefix_(fmt::format("[{}] ", number)) {}

  void saw(Kind kind, std::string_view text) override {
    if (client_->over()) return;
    const auto since = std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - begin_);
    const std::string lines = text_.lines(kind, text, since);
    std::string shown;
    for (std::string_view rest = lines; !rest.empty();) {
      const std::size_t end = rest.find('\n') + 1;
      shown += prefix_;
      shown += rest.substr(0, end);
      rest.remove_prefix(end);
    }
    if (!shown.empty()) client_->add(shown);
  }

 private:
  std::shared_ptr<SessionWatch::Client> client_;  // shared: the client may hang up before the session is over
  std::string prefix_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  TraceText text_;
};

}  // namespace

base::Result<std::unique_ptr<SessionWatch>> SessionWatch::start(const std::filesystem::path& data) {
  std::unique_ptr<SessionWatch> watch(new SessionWatch());
  if (auto listening = watch->listen(data); !listening) return std::move(listening).error();
  SessionWatch* self = watch.get();
  watch->thread_ = std::jthread([self](const std::stop_token& stop) { self->run(stop); });
  return watch;
}

base::Result<void> SessionWatch::listen(const std::filesystem::path& data) {
  path_ = watch_socket(data);
  sockaddr_un address{};
  const std::string text = path_.string();
  if (text.size() >= sizeof address.sun_path) return no_socket(path_, "its path is too long");
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, text.data(), text.size());
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);  // of a process that was killed; DaemonLock says that there is no other
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool listening = listener_ >= 0 &&
                         ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                         ::chmod(text.c_str(), 0600) == 0 && ::listen(listener_, 4) == 0;
  if (!listening) return no_socket(path_, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe): one thread yet
  return base::done;
}

SessionWatch::~SessionWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) ::close(listener_);
  std::error_code ignored;
  if (thread_.get_id() != std::jthread::id() || listener_ >= 0) std::filesystem::remove(path_, ignored);
}

std::shared_ptr<smtp::Witness> SessionWatch::witness(std::string_view receiver, std::string_view site,
                                                     std::string_view host) {
  if (watching_ == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  for (const std::shared_ptr<Client>& client : clients_) {
    if (client->wants(receiver, site, host)) return std::make_shared<WatchedSession>(client, ++sessions_);
  }
  return nullptr;
}

void SessionWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<pollfd> watched = {{.fd = listener_, .events = POLLIN, .revents = 0}};
    std::vector<std::shared_ptr<Client>> clients;
    {
      const std::lock_guard lock(mutex_);
      clients.assign(clients_.begin(), clients_.end());
    }
    for (const auto& client : clients) watched.push_back({.fd = client->descriptor(), .events = POLLIN, .revents = 0});
    (void)::poll(watched.data(), watched.size(), kTurn);
    for (std::size_t i = 0; i < clients.size(); ++i) serve(*clients[i], watched[i + 1].revents != 0);
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(clients_, [](const std::shared_ptr<Client>& client) { return client->over(); });
      watching_ = static_cast<int>(clients_.size());
    }
    if (watched[0].revents != 0) accept();
  }
}

void SessionWatch::serve(Client& client, bool readable) {
  if (readable) client.read();
  if (!client.over()) client.write();
}

void SessionWatch::accept() {
  const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (descriptor < 0) return;
  auto client = std::make_shared<Client>(descriptor);  // closes it where it is not taken
  if (!is_ours(descriptor)) return;
  const std::lock_guard lock(mutex_);
  if (clients_.size() >= kMostClients) {
    client->add("(four are watching already)\n");
    client->write();
    return;
  }
  clients_.push_back(std::move(client));
  watching_ = static_cast<int>(clients_.size());
}

}  // namespace todoku::app
