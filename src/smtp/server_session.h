// One client's connection to a Server. Internal to smtp.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include "net/client_counts.h"
#include "net/rate_table.h"
#include "smtp/server.h"

namespace todoku::smtp {

struct Server::Shared {
  Shared(Receiver& r, ServerSettings s, std::shared_ptr<net::TlsServerContext> t)
      : receiver(r),
        settings(std::move(s)),
        mails(settings.peer.mails),
        recipients(settings.peer.recipients),
        auth_failures(settings.peer.auth_failures),
        tls(std::move(t)) {}

  void tell(ServerEvent event) const {
    if (settings.observe) settings.observe(event);
  }
  std::shared_ptr<net::TlsServerContext> certificate() {
    const std::lock_guard lock(mutex);
    return tls;
  }

  Receiver& receiver;
  const ServerSettings settings;
  net::ClientCounts clients;
  net::RateTable mails, recipients, auth_failures;
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> bytes = 0;  // of the mails under way
  std::atomic<bool> draining = false;
  std::mutex mutex;
  std::shared_ptr<net::TlsServerContext> tls;  // guarded by mutex; shared with the sessions that began with it
};

/// Ends with the connection.
net::Task<> serve(net::Stream stream, std::shared_ptr<Server::Shared> shared);

}  // namespace todoku::smtp
