#include "app/dkim_questions.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace todoku::app {
namespace {

using authentication::DkimKeyAnswer;

constexpr base::Duration kLimit{3'000};
constexpr double kPerMinute = 60;

dns::ResolverOptions limited(dns::ResolverOptions options) {
  options.limit = std::min(options.limit, kLimit);
  return options;
}

}  // namespace

DkimQuestions::DkimQuestions(dns::ResolverOptions options)
    : options_(limited(std::move(options))), questions_({.per_minute = kPerMinute}) {}

DkimQuestions::~DkimQuestions() {
  if (runtime_) runtime_->close(base::Duration{0});
}

bool DkimQuestions::begin() {
  if (resolver_) return true;
  runtime_ = std::make_unique<net::Runtime>(net::RuntimeOptions{.threads = 1, .workers = 1});
  auto resolver = dns::make_resolver(*runtime_, options_);
  if (!resolver) {
    base::log::warning("dkim_keys_not_asked", {{"cause", resolver.error().text()}});
    return false;
  }
  resolver_ = *std::move(resolver);
  return true;
}

DkimKeyAnswer DkimQuestions::ask(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!questions_.take("", std::chrono::steady_clock::now()) || !begin()) {
    return {.status = DkimKeyAnswer::Status::unavailable, .records = {}};
  }
  auto answer = net::run(*runtime_, resolver_->txt(name));
  if (dns::temporary(answer.status)) return {.status = DkimKeyAnswer::Status::unavailable, .records = {}};
  if (answer.records.empty()) return {};
  return {.status = DkimKeyAnswer::Status::found, .records = std::move(answer.records)};
}

}  // namespace todoku::app
