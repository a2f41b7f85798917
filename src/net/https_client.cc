#include "net/https_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <deque>
#include <mutex>
#include <new>
#include <thread>
#include <unordered_map>

#include "base/owned.h"
#include "net/public_address.h"
#include "net/signal.h"

namespace todoku::net {
namespace {

using base::Error;
using base::ErrorCode;

constexpr base::Duration kMargin{5'000};  // of our own wait beyond the question's limit: it may wait for its turn
constexpr long kLongestConnect = 10'000;
constexpr int kLongestPoll = 1'000;

using Easy = base::Owned<CURL, curl_easy_cleanup>;
using Multi = base::Owned<CURLM, curl_multi_cleanup>;
using List = base::Owned<curl_slist, curl_slist_free_all>;
using Url = base::Owned<CURLU, curl_url_cleanup>;
using Text = base::Owned<char, curl_free>;

void initialise() {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!done) throw std::bad_alloc();
}

List append(List list, const std::string& text) {
  curl_slist* longer = curl_slist_append(list.get(), text.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  return List(longer);
}

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* number = address.sa_family == AF_INET
                           ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
                           : &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return inet_ntop(address.sa_family, number, text.data(), text.size()) != nullptr ? text.data() : "";
}

std::string part(CURLU* url, CURLUPart what) {
  char* found = nullptr;
  if (curl_url_get(url, what, &found, 0) != CURLUE_OK) return {};
  const Text owned(found);
  return found;
}

}  // namespace

std::optional<HttpsPlace> parse_https_url(const std::string& url) {
  auto place = parse_web_url(url);
  return place && !place->plain ? place : std::nullopt;
}

std::optional<HttpsPlace> parse_web_url(const std::string& url) {
  initialise();
  const Url parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const bool nameless = part(parsed.get(), CURLUPART_USER).empty() && part(parsed.get(), CURLUPART_PASSWORD).empty();
  const std::string scheme = part(parsed.get(), CURLUPART_SCHEME);
  const bool plain = scheme == "http";
  constexpr std::uint16_t kHttp = 80, kHttps = 443;
  HttpsPlace place{.host = part(parsed.get(), CURLUPART_HOST),
                   .port = plain ? kHttp : kHttps,
                   .path = part(parsed.get(), CURLUPART_PATH),
                   .plain = plain};
  if (!nameless || (!plain && scheme != "https") || place.host.empty()) return std::nullopt;
  if (const std::string port = part(parsed.get(), CURLUPART_PORT); !port.empty()) {
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (problem != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  }
  if (const std::string query = part(parsed.get(), CURLUPART_QUERY); !query.empty()) place.path += '?' + query;
  return place;
}

/// One question under way: shared by the one who asks, who may be gone first, and the thread.
struct Call {
  HttpsQuestion question;
  Signal done;
  base::Result<HttpsAnswer> result =
      Error{ErrorCode::unavailable, "cancelled", "", ""};  // written before `done` is set
  HttpsAnswer answer;
  bool too_large = false;
  bool not_public = false;
  bool allow_private = false;
  Easy easy;
  List resolve;
  List headers;

  static std::size_t write(const char* data, std::size_t one, std::size_t count, void* self) {
    auto& call = *static_cast<Call*>(self);
    call.too_large = call.answer.body.size() + one * count > call.question.most_bytes;
    if (call.too_large) return 0;
    call.answer.body.append(data, one * count);
    return one * count;
  }
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& call = *static_cast<Call*>(self);
    call.not_public = !call.allow_private && !is_public_address(text_of(to->addr));
    return call.not_public ? CURL_SOCKET_BAD : ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  void prepare(const HttpsOptions& options);
  void finish(CURLcode code);
};

void Call::prepare(const HttpsOptions& options) {
  easy.reset(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  CURL* curl = easy.get();
  allow_private = options.allow_private;
  const HttpsPlace& place = question.place;
  const std::string at = place.host + ':' + std::to_string(place.port);
  const std::string scheme = place.plain ? "http" : "https";
  const std::string url = scheme + "://" + at + place.path;
  std::string pinned = at + ':';
  for (const std::string& address : question.addresses) {
    if (pinned.back() != ':') pinned += ',';
    pinned += address.find(':') == std::string::npos ? address : '[' + address + ']';
  }
  resolve = append(nullptr, pinned);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve.get());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, scheme.c_str());
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "Todoku");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(question.limit.count()));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   std::min(kLongestConnect, static_cast<long>(question.limit.count())));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Call::write);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &Call::open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
  if (!options.authorities_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.authorities_file.c_str());
  if (question.content_type.empty()) return;
  headers = append(append(nullptr, "Content-Type: " + question.content_type), "Expect:");
  for (const std::string& field : question.fields) headers = append(std::move(headers), field);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(question.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question.body.data());
}

void Call::finish(CURLcode code) {
  if (code == CURLE_OK) {
    const char* type = nullptr;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &type);
    if (type != nullptr) answer.content_type = type;
    result = std::move(answer);
  } else {
    const bool certificate = code == CURLE_PEER_FAILED_VERIFICATION;
    const ErrorCode kind = too_large                   ? ErrorCode::limit
                           : certificate || not_public ? ErrorCode::refused
                                                       : ErrorCode::unavailable;
    std::string message = too_large    ? "the answer is too large"
                          : not_public ? "its address is not one of the internet"
                                       : curl_easy_strerror(code);
    result = Error{kind, std::move(message), "", question.place.host};
  }
  easy.reset();
  done.set();
}

class HttpsClient::Impl {
 public:
  explicit Impl(HttpsOptions options) : options_(std::move(options)) {
    initialise();
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    thread_ = std::thread([this] { run(); });
  }
  ~Impl() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void submit(std::shared_ptr<Call> call) {
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(std::move(call));
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  void run() {
    while (take()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      settle();
      curl_multi_poll(multi_.get(), nullptr, 0, kLongestPoll, nullptr);
    }
    for (auto& [easy, call] : under_way_) {
      curl_multi_remove_handle(multi_.get(), easy);
      call->finish(CURLE_ABORTED_BY_CALLBACK);
    }
    for (const auto& call : waiting_) call->done.set();
  }

  /// False: the end.
  bool take() {
    const std::scoped_lock lock(mutex_);
    while (!waiting_.empty() && under_way_.size() < options_.most_at_once && !stopping_) {
      std::shared_ptr<Call> call = std::move(waiting_.front());
      waiting_.pop_front();
      call->prepare(options_);
      curl_multi_add_handle(multi_.get(), call->easy.get());
      under_way_.emplace(call->easy.get(), std::move(call));
    }
    return !stopping_;
  }

  void settle() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;  // the message is gone with its handle
      const auto found = under_way_.find(message->easy_handle);
      curl_multi_remove_handle(multi_.get(), found->first);
      found->second->finish(code);
      under_way_.erase(found);
    }
  }

  HttpsOptions options_;
  Multi multi_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Call>> waiting_;                   // guarded by mutex_ while the thread runs
  bool stopping_ = false;                                       // guarded by mutex_
  std::unordered_map<CURL*, std::shared_ptr<Call>> under_way_;  // the thread's own
  std::thread thread_;
};

HttpsClient::HttpsClient(HttpsOptions options) : options_(std::move(options)) {}
HttpsClient::~HttpsClient() = default;

Task<base::Result<HttpsAnswer>> HttpsClient::ask(HttpsQuestion question) {
  const base::Duration limit = question.limit + kMargin;
  const std::string host = question.place.host;
  if (question.addresses.empty()) co_return Error{ErrorCode::unavailable, "it has no address", "", host};
  auto call = std::make_shared<Call>();
  call->question = std::move(question);
  std::call_once(started_, [this] { impl_ = std::make_unique<Impl>(options_); });
  impl_->submit(call);
  if (!co_await call->done.wait(limit)) co_return Error{ErrorCode::unavailable, "no answer in time", "", host};
  co_return std::move(call->result);
}

}  // namespace todoku::net
