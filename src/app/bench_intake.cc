#include "app/bench_intake.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "app/command.h"
#include "audience/list.h"
#include "base/clock.h"
#include "campaign/campaign.h"
#include "net/runtime.h"
#include "smtp/client_session.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::app {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kMostCauses = 10;
// What servers say; one in ten is an unknown user.
constexpr std::array<std::string_view, kMostCauses> kReplies = {
    "550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table",
    "552 5.2.2 <{}>: Recipient's mailbox is full, message returned to sender",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "550 5.7.1 This recipient does not accept mail from you",
    "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.example.org",
    "554 5.7.1 <{}>: Relay access denied",
    "552 5.3.4 Message size exceeds fixed maximum message size",
    "554 5.7.1 This message has been identified as spam",
    "554 5.7.1 The message contains a virus (Eicar-Signature)",
    "550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy"};

constexpr std::string_view kBounce =
    "Received: by mx.bench.example (Postfix)\tid 4F{0:08}; Mon,  2 Nov 2026 09:{1:02}:{2:02} +0900 (JST)\r\n"
    "Date: Mon,  2 Nov 2026 09:{1:02}:{2:02} +0900 (JST)\r\n"
    "From: MAILER-DAEMON@mx.bench.example (Mail Delivery System)\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\nTo: {3}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"4F{0:08}.1700000000/mx\"\r\n"
    "Message-Id: <20261102.4F{0:08}@mx.bench.example>\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n"
    "--4F{0:08}.1700000000/mx\r\nContent-Description: Notification\r\nContent-Type: text/plain; "
    "charset=us-ascii\r\n\r\n"
    "This is the mail system at host mx.bench.example.\r\n\r\nI'm sorry to have to inform you that your message could "
    "not\r\nbe delivered to one or more recipients. It's attached below.\r\n\r\n<{4}>: host "
    "store.bench.example[192.0.2.31] "
    "said:\r\n    {5} (in reply to RCPT TO command)\r\n\r\n"
    "--4F{0:08}.1700000000/mx\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx.bench.example\r\nX-Postfix-Queue-ID: 4F{0:08}\r\nX-Postfix-Sender: rfc822; {3}\r\n"
    "Arrival-Date: Mon,  2 Nov 2026 09:00:00 +0900 (JST)\r\n\r\nFinal-Recipient: rfc822; {4}\r\n"
    "Original-Recipient: rfc822;{4}\r\nAction: failed\r\nStatus: {6}\r\nRemote-MTA: dns; store.bench.example\r\n"
    "Diagnostic-Code: smtp; {5}\r\n\r\n"
    "--4F{0:08}.1700000000/mx\r\nContent-Description: Undelivered Message\r\nContent-Type: message/rfc822\r\n\r\n"
    "Return-Path: <{3}>\r\nReceived: from mail.shop.example (mail.shop.example [192.0.2.10])\r\n\tby mx.bench.example "
    "(Postfix) with ESMTPS id 4F{0:08}\r\n\tfor <{4}>; Mon,  2 Nov 2026 09:00:00 +0900 (JST)\r\n"
    "Message-ID: <{7}@shop.example>\r\nFrom: =?utf-8?B?44G/44Gp44KK5ZWG5bqX?= <news@shop.example>\r\nTo: <{4}>\r\n"
    "Subject: =?utf-8?B?56eL44Gu5paw5L2c?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
constexpr std::string_view kLine =
    "<tr><td style=\"padding: 8px\">A warm woollen coat, made to last for many winters.</td></tr>\r\n";

struct Mail {
  std::string to;
  std::string content;
};

class Bounces {
 public:
  Bounces(const BenchIntake& wanted, tracking::Tokens tokens, base::CampaignId campaign, std::string domain,
          std::vector<audience::Contact> readers)
      : wanted_(wanted),
        tokens_(std::move(tokens)),
        campaign_(campaign),
        domain_(std::move(domain)),
        readers_(std::move(readers)) {}

  [[nodiscard]] Mail mail(std::int64_t number) const {
    const audience::Contact& reader = readers_[static_cast<std::size_t>(number) % readers_.size()];
    const tracking::MailId id{campaign_, reader.id};
    std::string to = wanted_.recipient.empty() ? return_path(number, id) : wanted_.recipient;
    const std::string reply =
        fmt::format(fmt::runtime(kReplies[static_cast<std::size_t>(number % kMostCauses)]), reader.address);
    std::string content = fmt::format(fmt::runtime(kBounce), number, number / 60 % 60, number % 60, to, reader.address,
                                      reply, reply.substr(4, 5), tokens_.sign(tracking::Purpose::message_id, id));
    while (content.size() < wanted_.size) content += kLine;
    content += fmt::format("\r\n--4F{:08}.1700000000/mx--\r\n", number);
    return {std::move(to), std::move(content)};
  }

 private:
  [[nodiscard]] std::string return_path(std::int64_t number, tracking::MailId id) const {
    std::string token = tokens_.sign(tracking::Purpose::return_path, id);
    if (wanted_.forged) {
      for (std::size_t i = token.size() - 8; i < token.size(); ++i, number /= 26) {
        token[i] = static_cast<char>('a' + number % 26);
      }
    }
    return "bounces+" + token + '@' + domain_;
  }

  const BenchIntake& wanted_;
  const tracking::Tokens tokens_;
  const base::CampaignId campaign_;
  const std::string domain_;
  const std::vector<audience::Contact> readers_;
};

/// What the senders share; lives until the last of them ended.
struct Senders {
  Senders(const BenchIntake& bench, const Bounces& mails) : wanted(bench), bounces(mails) {}

  const BenchIntake& wanted;
  const Bounces& bounces;
  std::atomic<std::int64_t> next = 0;
  std::atomic<std::int64_t> taken = 0, refused = 0, failed = 0;
  std::mutex mutex;
  std::string failure;  // guarded by mutex

  void fail(std::string why) {
    ++failed;
    const std::lock_guard lock(mutex);
    if (failure.empty()) failure = std::move(why);
  }
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// One after another over one connection, until it has had its share or the server ends it.
net::Task<> bring_some(Senders* all, smtp::ClientSession* session) {
  for (int sent = 0; sent < all->wanted.per_connection && session->usable(); ++sent) {
    const std::int64_t number = all->next++;
    if (number >= all->wanted.count) co_return;
    const Mail mail = all->bounces.mail(number);
    const std::string_view to = mail.to;
    const auto outcome = co_await session->send({.sender = "", .recipients = {&to, 1}, .content = mail.content});
    if (outcome.accepted()) {
      ++all->taken;
    } else if (outcome.kind == smtp::SendOutcome::Kind::refused && outcome.reply.code >= 500) {
      ++all->refused;
    } else {
      all->fail(outcome.text());
    }
  }
}

net::Task<> bring(Senders* all) {
  smtp::SessionOptions options;
  options.client.helo = "mx.bench.example";
  options.client.tls = smtp::TlsMode::off;
  while (all->next < all->wanted.count) {
    const smtp::Target target{.host = all->wanted.host, .address = all->wanted.host, .port = all->wanted.port};
    auto opened = co_await smtp::ClientSession::open(target, options);
    if (!opened) {
      ++all->next;
      all->fail(opened.failure.text());
      continue;
    }
    co_await bring_some(all, opened.session.get());
    co_await opened.session->quit();
  }
}

}  // namespace

IntakeFigures bench_intake(Context& context, const BenchIntake& wanted) {
  store::Store& store = context.store();
  const auto campaign = campaign::find(*store.read(), wanted.campaign);
  if (!campaign) {
    context.fail(campaign.error(), 2);
    throw Stop{};
  }
  auto readers = audience::members(*store.read(), campaign->list, {}, wanted.count);
  if (readers.empty()) {
    context.fail({base::ErrorCode::invalid, "the campaign's list is empty", "import some contacts", wanted.campaign},
                 2);
    throw Stop{};
  }
  const Bounces bounces(wanted, tracking::load_tokens(store, base::SystemClock().now()), campaign->id,
                        campaign->sender.bounce_domain, std::move(readers));
  Senders senders(wanted, bounces);
  net::Runtime runtime({.threads = 1, .workers = 1});
  const double cpu = cpu_seconds();
  const auto start = Steady::now();
  const std::size_t idle = runtime.tasks();
  for (int i = 0; i < wanted.connections; ++i) runtime.spawn(bring(&senders));
  while (runtime.tasks() > idle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  runtime.close(base::Duration{1000});
  return {.taken = senders.taken,
          .refused = senders.refused,
          .failed = senders.failed,
          .seconds = seconds,
          .cpu_seconds = cpu_seconds() - cpu,
          .failure = senders.failure};
}

}  // namespace todoku::app
