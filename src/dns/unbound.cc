#include "dns/unbound.h"

#include <unbound.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <unordered_map>

#include "base/ascii.h"
#include "dns/rdata.h"
#include "net/interrupt.h"
#include "net/loop.h"

namespace todoku::dns {
namespace asio = boost::asio;
namespace {

struct DeleteContext {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, DeleteContext>;

constexpr int kNxDomain = 3, kInternet = 1;

// Zones that libunbound answers by itself ("no such domain") unless they are configured: closed labs use them. As
// "transparent" they are asked for like any other; "nodefault" would say it better, but ub_ctx_set_option loses it.
constexpr const char* kTestZone = "test. transparent";
constexpr const char* kLabZones[] = {"10.in-addr.arpa. transparent", "127.in-addr.arpa. transparent",
                                     "168.192.in-addr.arpa. transparent", "2.0.192.in-addr.arpa. transparent",
                                     "8.b.d.0.1.0.0.2.ip6.arpa. transparent"};

std::string_view packet_of(const ub_result& result) {
  if (!result.answer_packet || result.answer_len <= 0) return {};
  return {static_cast<const char*>(result.answer_packet), static_cast<std::size_t>(result.answer_len)};
}

std::string canonical_of(const ub_result& result) {
  std::string name = base::ascii_lower(result.canonname);
  if (name.ends_with('.')) name.pop_back();
  std::string_view asked = result.qname;
  if (asked.ends_with('.')) asked.remove_suffix(1);
  return base::iequals(name, asked) ? std::string() : name;
}

Answer answer_of(int error, const ub_result* result) {
  Answer answer;
  answer.status = Status::server_failure;
  if (error != 0 || !result) return answer;
  answer.secure = result->secure != 0;
  if (result->bogus)
    answer.status = Status::bogus;
  else if (result->havedata)
    answer.status = Status::ok;
  else if (result->nxdomain || result->rcode == kNxDomain)
    answer.status = Status::no_domain;
  // A server that only sends us on, since it does not recurse for us, has not said that there is nothing.
  else if (result->rcode == 0 && !is_referral(packet_of(*result)))
    answer.status = Status::no_data;
  for (int i = 0; answer.status == Status::ok && result->data[i]; ++i)
    answer.rdata.emplace_back(result->data[i], static_cast<std::size_t>(result->len[i]));
  if (answer.status == Status::ok && result->canonname) answer.canonical = canonical_of(*result);
  return answer;
}

// Sets what the options say; every return code counts (a mistyped option would be silently without effect).
class Setup {
 public:
  explicit Setup(ub_ctx* context) : context_(context) {}

  void option(const char* name, const char* value) { check(ub_ctx_set_option(context_, name, value), name); }
  void check(int error, const std::string& what) {
    if (error != 0 && failed_.message.empty())
      failed_ = {base::ErrorCode::invalid, std::string("libunbound: ") + ub_strerror(error),
                 "check the DNS servers and files in the configuration", what};
  }
  [[nodiscard]] const base::Error& failed() const { return failed_; }

  void apply(const ResolverOptions& options) {
    check(ub_ctx_debugout(context_, nullptr), "log");  // it would write to standard error by itself
    option("module-config:", options.trust_anchor_file.empty() ? "iterator" : "validator iterator");
    option("do-not-query-localhost:", "no");
    option("msg-cache-size:", "16m");
    option("rrset-cache-size:", "32m");
    option("outgoing-range:", "512");
    option("num-queries-per-thread:", "1024");
    option("local-zone:", kTestZone);
    if (!options.servers.empty())
      for (const auto* zone : kLabZones) option("local-zone:", zone);
    // Forwarding serves authoritative servers of a lab as well: they answer each question they are asked. A stub for
    // the root would not do, since libunbound asks it for the root's NS first and then goes to those, on port 53.
    for (const auto& server : options.servers) check(ub_ctx_set_fwd(context_, server.c_str()), server);
    if (options.servers.empty()) system();
    if (const auto& file = options.trust_anchor_file; !file.empty())
      check(ub_ctx_add_ta_file(context_, file.c_str()), file);
    check(ub_ctx_async(context_, 1), "thread");
  }

 private:
  void system() {
    check(ub_ctx_resolvconf(context_, nullptr), "/etc/resolv.conf");
    check(ub_ctx_hosts(context_, nullptr), "/etc/hosts");
  }

  ub_ctx* context_;
  base::Error failed_{base::ErrorCode::invalid, {}, {}, {}};
};

}  // namespace

struct Question::State {
  net::Signal answered;
  Answer answer;  // written before `answered` is set, read after
};

net::Task<Answer> Question::answer(base::Duration limit) const {
  auto state = state_;
  if (co_await state->answered.wait(limit)) co_return std::move(state->answer);
  Answer none;
  none.status = Status::timeout;
  co_return none;
}

class Unbound::Impl final : public net::Interruptible, public std::enable_shared_from_this<Unbound::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, Context context)
      : context_(std::move(context)),
        ready_(executor, dup(ub_fd(context_.get()))),  // a copy: the descriptor itself stays libunbound's
        registry_(asio::use_service<net::InterruptRegistry>(asio::query(executor, asio::execution::context))) {}
  ~Impl() override { registry_.leave(this); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start() {
    if (registry_.enrol(this))
      wait();
    else
      closed_ = true;
  }

  /// On the loop's thread, as every callback: what is asked then ends as cancelled, and nothing comes after.
  void interrupt() override {
    boost::system::error_code ignored;
    closed_ = true;
    ready_.close(ignored);
    std::lock_guard lock(mutex_);
    for (auto& [key, asked] : asked_) asked->state->answered.set();
    asked_.clear();
  }

  void close() {
    asio::post(ready_.get_executor(), [self = shared_from_this()] { self->interrupt(); });
  }

  Question ask(const std::string& name, Type type) {
    auto state = std::make_shared<Question::State>();
    auto asked = std::make_unique<Asked>(Asked{this, state});
    auto* key = asked.get();
    {
      std::lock_guard lock(mutex_);
      asked_.emplace(key, std::move(asked));
    }
    if (closed_) {
      finish(key, Answer{});
    } else if (int error = ub_resolve_async(context_.get(), name.c_str(), static_cast<int>(type), kInternet, key,
                                            answered, nullptr);
               error != 0) {
      finish(key, answer_of(error, nullptr));
    }
    return Question(state);
  }

 private:
  // What libunbound hands back with an answer.
  struct Asked {
    Impl* owner;
    std::shared_ptr<Question::State> state;
  };

  static void answered(void* key, int error, ub_result* result) {
    std::unique_ptr<ub_result, decltype(&ub_resolve_free)> owned(result, ub_resolve_free);
    auto* asked = static_cast<Asked*>(key);
    asked->owner->finish(asked, answer_of(error, result));
  }

  void finish(Asked* key, Answer answer) {
    std::lock_guard lock(mutex_);
    auto found = asked_.find(key);
    if (found == asked_.end()) return;
    auto state = found->second->state;
    asked_.erase(found);
    state->answer = std::move(answer);
    state->answered.set();
  }

  void wait() {
    ready_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& failed) {
                        if (failed || self->closed_) return;
                        ub_process(self->context_.get());
                        self->wait();
                      });
  }

  Context context_;
  asio::posix::stream_descriptor ready_;
  net::InterruptRegistry& registry_;
  std::mutex mutex_;
  std::unordered_map<Asked*, std::unique_ptr<Asked>> asked_;
  std::atomic<bool> closed_ = false;
};

base::Result<std::unique_ptr<Unbound>> Unbound::start(net::Runtime& runtime, const ResolverOptions& options) {
  Context context(ub_ctx_create());
  if (!context) throw std::bad_alloc();
  Setup setup(context.get());
  setup.apply(options);
  if (!setup.failed().message.empty()) return setup.failed();
  // A first answer of libunbound's own makes it read everything, so that a bad file is refused here and not later.
  ub_result* result = nullptr;
  int error = ub_resolve(context.get(), "localhost", static_cast<int>(Type::a), kInternet, &result);
  ub_resolve_free(result);
  setup.check(error, "start");
  if (!setup.failed().message.empty()) return setup.failed();
  auto impl = std::make_shared<Impl>(net::executor_of(runtime, 0), std::move(context));
  impl->start();
  return std::unique_ptr<Unbound>(new Unbound(std::move(impl)));
}

Unbound::~Unbound() { impl_->close(); }
Question Unbound::ask(const std::string& name, Type type) { return impl_->ask(name, type); }

}  // namespace todoku::dns
