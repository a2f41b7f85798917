// One HTTP/1 request from bytes (RFC 9112), without I/O: Beast's parser behind a type of our own.
//
// Strict where two readers of one stream could disagree (request smuggling): a Transfer-Encoding other than "chunked",
// one beside a Content-Length, unequal Content-Lengths, bare line feeds, a missing or second Host are refused. Trailers
// are read and dropped. The header is known before the body, so that the body's limit may depend on it.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace todoku::http {

struct ParserLimits {
  std::size_t header = 16 * 1024;  // bytes of request line and fields
  std::size_t fields = 100;
};

/// Why a request cannot be answered otherwise: what to say, before the connection is closed.
struct BadRequest {
  int status = 400;
  std::string code;     // "bad_request", "header_too_large"
  std::string message;  // for people
  std::string hint;
};

class RequestParser {
 public:
  enum class State { header, body, done, bad };

  explicit RequestParser(const ParserLimits& limits);
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  ~RequestParser();

  /// Takes bytes until a state is reached; how many it took. Those left belong to what follows: they are to be given
  /// again, with more behind them where state() is still the same and nothing was taken.
  [[nodiscard]] std::size_t feed(std::string_view bytes);
  [[nodiscard]] State state() const;

  /// At State::body: bytes that the body may have. A longer one announced makes the state bad at once.
  void limit_body(std::size_t bytes);

  /// Complete but for peer, route and secure. From State::body on without its body.
  [[nodiscard]] Request& request();
  [[nodiscard]] const BadRequest& bad() const;

  [[nodiscard]] bool keep_alive() const;        // from State::body on
  [[nodiscard]] bool expects_continue() const;  // likewise
  [[nodiscard]] bool began() const;             // bytes of this request came

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace todoku::http
