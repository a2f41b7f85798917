#include "dns/unbound.h"

#include <unbound.h>

#include <boost/asio/post.hpp>
#include <future>
#include <mutex>
#include <unordered_map>

#include "base/owned.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "dns/unbound_loop.h"
#include "net/interrupt.h"
#include "net/loop.h"

namespace todoku::dns {
namespace asio = boost::asio;
namespace {

using Context = base::Owned<ub_ctx, ub_ctx_delete>;

constexpr int kServerFailure = 2, kNxDomain = 3, kInternet = 1;

// Zones that libunbound answers by itself ("no such domain") unless they are configured: closed labs use them. As
// "transparent" they are asked for like any other; "nodefault" would say it better, but ub_ctx_set_option loses it.
constexpr const char* kTestZone = "test. transparent";
constexpr const char* kLabZones[] = {"10.in-addr.arpa. transparent", "127.in-addr.arpa. transparent",
                                     "168.192.in-addr.arpa. transparent", "2.0.192.in-addr.arpa. transparent",
                                     "8.b.d.0.1.0.0.2.ip6.arpa. transparent"};

// What libunbound says of a message's DNSSEC.
constexpr int kBogus = 1, kSecure = 2;

Answer answer_of(int code, std::string_view message, int validity) {
  Answer answer;
  answer.status = Status::server_failure;
  answer.secure = validity == kSecure;
  auto found = code == 0 ? read_answers(message) : std::nullopt;
  if (found) code = found->code;
  if (validity == kBogus)
    answer.status = Status::bogus;
  else if (code == kNxDomain)
    answer.status = Status::no_domain;
  else if (!found || code != 0)
    return answer;
  else if (!found->rdata.empty())
    answer.status = Status::ok;
  // A server that only sends us on, since it does not recurse for us, has not said that there is nothing.
  else if (!is_referral(message))
    answer.status = Status::no_data;
  if (answer.status != Status::ok) return answer;
  answer.rdata = std::move(found->rdata);
  answer.canonical = std::move(found->canonical);
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
    // A server that was dead for a minute would otherwise be left alone for a quarter of an hour.
    option("infra-keep-probing:", "yes");
    option("infra-host-ttl:", "10");
    option("local-zone:", kTestZone);
    if (!options.servers.empty())
      for (const auto* zone : kLabZones) option("local-zone:", zone);
    // Forwarding serves authoritative servers of a lab as well: they answer each question they are asked. A stub for
    // the root would not do, since libunbound asks it for the root's NS first and then goes to those, on port 53.
    for (const auto& server : options.servers) check(ub_ctx_set_fwd(context_, server.c_str()), server);
    if (options.servers.empty()) system();
    if (const auto& file = options.trust_anchor_file; !file.empty())
      check(ub_ctx_add_ta_file(context_, file.c_str()), file);
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
  explicit Impl(const asio::any_io_executor& executor)
      : context_(ub_ctx_create_ub_event(loop_.base())),
        executor_(executor),
        registry_(asio::use_service<net::InterruptRegistry>(asio::query(executor, asio::execution::context))) {
    if (!context_) throw std::bad_alloc();
  }
  ~Impl() override {
    loop_.stop();
    context_.reset();  // first, since it calls for what is still asked
    registry_.leave(this);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Result<void> start(const ResolverOptions& options) {
    Setup setup(context_.get());
    setup.apply(options);
    if (!setup.failed().message.empty()) return setup.failed();
    loop_.start();
    setup.check(first_answer(), "start");
    if (!setup.failed().message.empty()) return setup.failed();
    if (!registry_.enrol(this)) interrupt();
    return base::done;
  }

  /// On an I/O thread: what is asked ends as cancelled, and nothing is answered after.
  void interrupt() override {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(closed_, true)) return;
    for (auto& [key, asked] : asked_) asked->state->answered.set();
  }

  void close() {
    loop_.stop();
    asio::post(executor_, [self = shared_from_this()] { self->interrupt(); });
  }

  Question ask(const std::string& name, Type type) {
    auto state = std::make_shared<Question::State>();
    auto asked = std::make_unique<Asked>(Asked{this, state});
    auto* key = asked.get();
    {
      const std::scoped_lock lock(mutex_);
      if (closed_) {
        state->answered.set();
        return Question(state);
      }
      asked_.emplace(key, std::move(asked));
    }
    loop_.post([this, key, name, type] { resolve(*key, name, type); });
    return Question(state);
  }

 private:
  // What libunbound hands back with an answer.
  struct Asked {
    Impl* owner;
    std::shared_ptr<Question::State> state;
  };

  /// libunbound's own, which makes it read everything, so that a bad file is refused here and not later.
  int first_answer() {
    std::promise<int> error;
    loop_.post([this, &error] {
      const auto ignore = [](void*, int, void*, int, int, char*, int) {};
      error.set_value(ub_resolve_event(context_.get(), "localhost", static_cast<int>(Type::a), kInternet, nullptr,
                                       ignore, nullptr));
    });
    return error.get_future().get();
  }

  void resolve(Asked& asked, const std::string& name, Type type) {
    const int error =
        ub_resolve_event(context_.get(), name.c_str(), static_cast<int>(type), kInternet, &asked, answered, nullptr);
    if (error != 0) finish(asked, answer_of(kServerFailure, {}, 0));
  }

  static void answered(void* key, int code, void* packet, int size, int validity, char* /*why*/, int /*limited*/) {
    auto& asked = *static_cast<Asked*>(key);
    std::string_view message;
    if (packet != nullptr && size > 0) message = {static_cast<const char*>(packet), static_cast<std::size_t>(size)};
    asked.owner->finish(asked, answer_of(code, message, validity));
  }

  void finish(Asked& asked, Answer answer) {
    const std::scoped_lock lock(mutex_);
    if (!closed_) {
      asked.state->answer = std::move(answer);
      asked.state->answered.set();
    }
    asked_.erase(&asked);
  }

  UnboundLoop loop_;
  Context context_;  // its events are of the loop
  asio::any_io_executor executor_;
  net::InterruptRegistry& registry_;
  std::mutex mutex_;
  std::unordered_map<Asked*, std::unique_ptr<Asked>> asked_;  // guarded by mutex_
  bool closed_ = false;                                       // guarded by mutex_
};

base::Result<std::unique_ptr<Unbound>> Unbound::start(net::Runtime& runtime, const ResolverOptions& options) {
  auto impl = std::make_shared<Impl>(net::executor_of(runtime, 0));
  if (auto started = impl->start(options); !started) return std::move(started).error();
  return std::unique_ptr<Unbound>(new Unbound(std::move(impl)));
}

Unbound::~Unbound() { impl_->close(); }
Question Unbound::ask(const std::string& name, Type type) { return impl_->ask(name, type); }

}  // namespace todoku::dns
