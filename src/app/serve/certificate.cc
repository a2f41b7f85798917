#include "app/serve/certificate.h"

#include <fstream>
#include <iterator>
#include <string>

namespace todoku::app {
namespace {

base::Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.empty()) {
    return base::Error{base::ErrorCode::io, "cannot be read", "it must be a PEM file that we may read", path};
  }
  return text;
}

}  // namespace

base::Result<std::shared_ptr<net::TlsServerContext>> load_certificate(const Config& config, std::string_view section) {
  const std::string& chain_file = config.text(std::string(section) + ".tls_certificate");
  const std::string& key_file = config.text(std::string(section) + ".tls_key");
  if (chain_file.empty() && key_file.empty()) return std::shared_ptr<net::TlsServerContext>();
  auto chain = read_file(chain_file);
  if (!chain) return std::move(chain).error();
  auto key = read_file(key_file);
  if (!key) return std::move(key).error();
  auto context = net::TlsServerContext::create(*chain, base::Secret(*std::move(key)));
  if (!context) return std::move(context).error();
  return std::shared_ptr<net::TlsServerContext>(*std::move(context));
}

}  // namespace todoku::app
