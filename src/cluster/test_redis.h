// A Redis server of a test's own, on a free port of 127.0.0.1, without a file; gone at the test's end.
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cluster/redis_connection.h"
#include "store/connection.h"

namespace todoku::cluster {

class TestRedis {
 public:
  explicit TestRedis(std::string password = {}) : password_(std::move(password)) {
    place_.host = "127.0.0.1";
    place_.port = free_port();
    place_.password = base::Secret(password_);
    start();
  }
  TestRedis(const TestRedis&) = delete;
  TestRedis& operator=(const TestRedis&) = delete;
  ~TestRedis() { kill(); }

  [[nodiscard]] const RedisPlace& place() const { return place_; }

  void start() {
    std::vector<std::string> words = {
        "redis-server", "--port", std::to_string(place_.port), "--bind",      "127.0.0.1", "--save", "", "--appendonly",
        "no",           "--dir",  testing::TempDir(),          "--daemonize", "no"};
    if (!password_.empty()) words.insert(words.end(), {"--requirepass", password_});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const int problem = posix_spawnp(&process_, "redis-server", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) throw std::runtime_error("no redis-server (apt install redis-server)");
    wait_until_ready();
  }

  /// At once, as at a crash; what it knew is gone.
  void kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

  [[nodiscard]] RedisConnection connect() const { return {place_, std::chrono::seconds(5)}; }

  /// The nodes that come find an empty cluster that nobody was in before.
  void forget() {
    RedisConnection redis = connect();
    redis.command({"FLUSHALL"});
    const std::string info = redis.command({"INFO", "server"}).text;
    const std::size_t at = info.find("run_id:") + 7;
    redis.command({"HSET", "todoku:cluster", "run", info.substr(at, info.find('\r', at) - at), "quiet", "0"});
  }

 private:
  static std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    const bool bound = ::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0;
    ::close(socket);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
  }

  void wait_until_ready() {
    for (int tries = 0; tries < 1000; ++tries) {
      try {
        RedisConnection(place_, std::chrono::seconds(1)).command({"PING"});
        return;
      } catch (const store::Failure&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
    throw std::runtime_error("redis-server does not come up");
  }

  std::string password_;
  RedisPlace place_;
  pid_t process_ = 0;
};

/// One for all tests of a program; each begins with forget().
inline TestRedis& shared_test_redis() {
  static TestRedis redis;
  return redis;
}

}  // namespace todoku::cluster
