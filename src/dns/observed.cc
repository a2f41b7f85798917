#include "dns/observed.h"

#include <chrono>
#include <utility>

namespace todoku::dns {
namespace {

class Observed final : public Resolver {
 public:
  Observed(std::unique_ptr<Resolver> resolver, Observe observe)
      : resolver_(std::move(resolver)), observe_(std::move(observe)) {}

  net::Task<MailHosts> mail_hosts(std::string domain) override {
    return timed("mx", resolver_->mail_hosts(std::move(domain)));
  }
  net::Task<Records<std::string>> addresses(std::string name) override {
    return timed("address", resolver_->addresses(std::move(name)));
  }
  net::Task<Records<std::string>> txt(std::string name) override {
    return timed("txt", resolver_->txt(std::move(name)));
  }
  net::Task<Records<TlsaRecord>> tlsa(std::string name) override {
    return timed("tlsa", resolver_->tlsa(std::move(name)));
  }
  net::Task<Records<std::string>> ptr(std::string address) override {
    return timed("ptr", resolver_->ptr(std::move(address)));
  }

 private:
  template <class Answer>
  net::Task<Answer> timed(std::string_view type, net::Task<Answer> question) {
    const auto start = std::chrono::steady_clock::now();
    Answer answer = co_await std::move(question);
    observe_(type, answer.status, std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - start));
    co_return answer;
  }

  std::unique_ptr<Resolver> resolver_;
  Observe observe_;
};

}  // namespace

std::unique_ptr<Resolver> observed(std::unique_ptr<Resolver> resolver, Observe observe) {
  return std::make_unique<Observed>(std::move(resolver), std::move(observe));
}

}  // namespace todoku::dns
