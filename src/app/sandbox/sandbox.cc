#include "app/sandbox/sandbox.h"

#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <set>

#include "app/sandbox/behaviour.h"
#include "base/log.h"
#include "net/signal.h"
#include "smtp/server.h"

namespace todoku::app::sandbox {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::size_t kRememberedAddresses = 100'000;

class MailReceiver final : public smtp::Receiver {
 public:
  MailReceiver(net::Runtime& runtime, std::filesystem::path mailbox)
      : runtime_(runtime), mailbox_(std::move(mailbox)) {}

  net::Task<smtp::Answer> recipient(smtp::Visit&, const std::string& address) override {
    co_return answer_at(smtp::Stage::rcpt, address);
  }

  net::Task<smtp::Answer> message(smtp::Visit& visit) override {
    for (const std::string& address : visit.recipients) {
      smtp::Answer answer = answer_at(smtp::Stage::eod, address);
      if (!answer.positive()) co_return answer;
      if (const Behaviour* behaviour = behaviour_of(address); behaviour != nullptr && behaviour->delay_ms > 0) {
        co_await net::sleep(base::Duration(behaviour->delay_ms));
      }
    }
    const std::int64_t number = ++taken_;
    const std::string content = fmt::format("Return-Path: <{}>\r\nDelivered-To: {}\r\n{}", visit.sender,
                                            fmt::join(visit.recipients, ", "), visit.content);
    co_await runtime_.offload([this, number, &content] { keep(number, content); });
    co_return smtp::Answer{250, fmt::format("2.0.0 Taken as number {}", number)};
  }

  [[nodiscard]] Tally tally() const { return {taken_, deferred_, refused_}; }
  [[nodiscard]] const std::filesystem::path& mailbox() const { return mailbox_; }

 private:
  smtp::Answer answer_at(smtp::Stage stage, const std::string& address) {
    const Behaviour* behaviour = behaviour_of(address);
    if (behaviour == nullptr || behaviour->stage != stage || behaviour->code == 0) return {};
    if (behaviour->only_first && !first_time(address)) return {};
    ++(behaviour->code < 500 ? deferred_ : refused_);
    return {behaviour->code, fmt::format(fmt::runtime(behaviour->text), address)};
  }

  bool first_time(const std::string& address) {
    const std::scoped_lock lock(mutex_);
    if (seen_.size() >= kRememberedAddresses) seen_.clear();
    return seen_.insert(address).second;
  }

  void keep(std::int64_t number, const std::string& content) const {
    const auto name = fmt::format("{:09}.eml", number);
    std::ofstream file(mailbox_ / "tmp" / name, std::ios::binary);
    file << content;
    file.close();
    if (!file) return base::log::warning("sandbox_mail_not_kept", {{"file", name}});
    std::filesystem::rename(mailbox_ / "tmp" / name, mailbox_ / "new" / name);
  }

  net::Runtime& runtime_;
  std::filesystem::path mailbox_;
  std::atomic<std::int64_t> taken_ = 0;
  std::atomic<std::int64_t> deferred_ = 0;
  std::atomic<std::int64_t> refused_ = 0;
  std::mutex mutex_;
  std::set<std::string> seen_;  // guarded by mutex_
};

class SmtpSandbox final : public Sandbox {
 public:
  SmtpSandbox(std::unique_ptr<MailReceiver> receiver, std::unique_ptr<smtp::Server> server)
      : receiver_(std::move(receiver)), server_(std::move(server)) {}
  [[nodiscard]] net::Endpoint at() const override { return server_->at(); }
  [[nodiscard]] Tally tally() const override { return receiver_->tally(); }
  [[nodiscard]] const std::filesystem::path& mailbox() const override { return receiver_->mailbox(); }

 private:
  std::unique_ptr<MailReceiver> receiver_;
  std::unique_ptr<smtp::Server> server_;
};

Result<void> make_maildir(const std::filesystem::path& mailbox) {
  for (const char* part : {"tmp", "new", "cur"}) {
    std::error_code problem;
    std::filesystem::create_directories(mailbox / part, problem);
    if (problem) {
      return Error{ErrorCode::io, "the sandbox's mailbox cannot be made: " + problem.message(), "",
                   (mailbox / part).string()};
    }
  }
  return base::done;
}

}  // namespace

Result<std::unique_ptr<Sandbox>> Sandbox::start(net::Runtime& runtime, std::uint16_t port,
                                                const std::filesystem::path& folder) {
  if (auto made = make_maildir(folder); !made) return std::move(made).error();
  auto receiver = std::make_unique<MailReceiver>(runtime, folder);
  smtp::ServerSettings settings;
  settings.protocol.hostname = "sandbox.todoku.invalid";
  settings.protocol.commands_limit = 10'000;
  settings.protocol.errors_limit = 10'000;  // refusing is its trade
  auto server = smtp::Server::start(runtime, {"127.0.0.1", port}, *receiver, settings);
  if (!server) return std::move(server).error();
  return std::unique_ptr<Sandbox>(new SmtpSandbox(std::move(receiver), *std::move(server)));
}

}  // namespace todoku::app::sandbox
