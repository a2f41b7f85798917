#include "app/spoofing_settings.h"

namespace todoku::app {

base::Result<intake::spoofing::OwnSources> own_sources(const Config& config) {
  std::vector<std::string> networks = config.texts("spoofing.own_sources");
  if (const std::string& address = config.text("smtp.source_address"); !address.empty()) networks.push_back(address);
  for (const delivery::Source& source : config.sources()) {
    if (!source.address.empty()) networks.push_back(source.address);
  }
  return intake::spoofing::OwnSources::make(networks);
}

}  // namespace todoku::app
