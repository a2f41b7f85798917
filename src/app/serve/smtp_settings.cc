#include "app/serve/smtp_settings.h"

#include <algorithm>
#include <string>

#include "app/delivery_settings.h"
#include "app/serve/meters.h"

namespace todoku::app {

void apply_settings(const Config& config, std::string_view section, Meters& meters, smtp::ServerSettings& settings) {
  const auto number = [&](std::string_view name) {
    return static_cast<std::size_t>(
        std::max<std::int64_t>(0, config.integer(std::string(section) + "." + std::string(name))));
  };
  settings.protocol.hostname = own_hostname(config);
  settings.protocol.size_limit = std::max<std::size_t>(number("largest_mail"), 1024);
  settings.listen.max_connections = std::max<std::size_t>(number("connections"), 1);
  settings.peer.connections = number("connections_per_client");
  settings.peer.mails = {.per_minute = static_cast<double>(number("mails_per_minute"))};
  settings.proxies = config.texts(std::string(section) + ".proxies");
  settings.observe = [&meters, name = std::string(section)](smtp::ServerEvent event) {
    meters.served(name, smtp::to_string(event));
  };
}

}  // namespace todoku::app
