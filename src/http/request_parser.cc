#include "http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>

#include "base/ascii.h"
#include "http/uri.h"

namespace todoku::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using View = boost::beast::string_view;

std::string_view view(View text) { return {text.data(), text.size()}; }

constexpr std::size_t kSlack = 1024;

std::optional<Method> method_of(beast::verb verb) {
  switch (verb) {
    case beast::verb::get:
      return Method::get;
    case beast::verb::head:
      return Method::head;
    case beast::verb::post:
      return Method::post;
    case beast::verb::put:
      return Method::put;
    case beast::verb::patch:
      return Method::patch;
    case beast::verb::delete_:
      return Method::del;
    case beast::verb::options:
      return Method::options;
    default:
      return std::nullopt;
  }
}

BadRequest bad_syntax(const std::string& what) {
  return {400, "bad_request", "the request is no HTTP/1.1: " + what, "see RFC 9112"};
}

BadRequest body_too_large(std::size_t limit) {
  return {413, "body_too_large", "the body is larger than the " + std::to_string(limit) + " bytes taken here",
          "send less at a time"};
}

BadRequest header_too_large(std::size_t limit) {
  return {431, "header_too_large", "the header has more than " + std::to_string(limit) + " bytes",
          "send fewer or shorter fields and cookies"};
}

BadRequest explain(const error_code& error) {
  if (error == beast::error::bad_version) return bad_syntax("its version is neither 1.0 nor 1.1");
  return bad_syntax(error.message());
}

/// Fills a Request from Beast's callbacks; an own complaint is kept in `bad`, any error code then ends the parsing.
class Filler final : public beast::basic_parser<true> {
 public:
  explicit Filler(const ParserLimits& limits) : limits_(limits) {
    // Ours is kept in feed(): Beast's counts the request line apart, and more or less of it as the pieces fall.
    header_limit(static_cast<std::uint32_t>(2 * limits.header + kSlack));
    body_limit(boost::none);  // kept here, since it is known only after the header
    eager(false);
  }

  Request request;
  std::optional<BadRequest> bad;
  std::size_t body_limit_ = 0;

 private:
  void refuse(BadRequest why, error_code& error) {
    bad = std::move(why);
    error = beast::error::bad_value;
  }

  void on_request_impl(beast::verb verb, View name, View target, int version, error_code& error) override {
    version_ = version;
    const auto method = method_of(verb);
    if (!method) {
      return refuse({501, "unknown_method", "the method '" + std::string(view(name)) + "' is not known here", ""},
                    error);
    }
    request.method = *method;
    request.target = view(target);
    if (request.method == Method::options && request.target == "*") return;
    auto parsed = http::parse_target(request.target);
    if (!parsed) return refuse({400, "bad_target", parsed.error().message, parsed.error().hint}, error);
    request.path = std::move(parsed->path);
    request.query = std::move(parsed->query);
  }

  void on_response_impl(int, View, int, error_code&) override {}

  void on_field_impl(beast::field, View name, View value, error_code& error) override {
    if (header_known_) return;  // a trailer
    if (request.fields.size() == limits_.fields) {
      return refuse({431, "too_many_fields", "the header has too many fields", "send fewer"}, error);
    }
    request.fields.add(view(name), base::trim(view(value)));
  }

  void on_header_impl(error_code& error) override {
    header_known_ = true;
    const std::size_t hosts = request.fields.count("Host");
    if (hosts > 1 || (hosts == 0 && version_ == 11)) {
      return refuse(bad_syntax("it needs one Host field"), error);
    }
    const std::string_view coding = request.fields.get("Transfer-Encoding");
    if (request.fields.count("Transfer-Encoding") > 1 || (!coding.empty() && !base::iequals(coding, "chunked")) ||
        (coding.empty() && request.fields.has("Transfer-Encoding"))) {
      return refuse({501, "bad_transfer_encoding", "the only Transfer-Encoding taken here is chunked", ""}, error);
    }
    if (!coding.empty() && version_ < 11) return refuse(bad_syntax("HTTP/1.0 has no Transfer-Encoding"), error);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(static_cast<std::size_t>(*length));
  }

  std::size_t append(View piece, error_code& error) {
    if (piece.size() > body_limit_ - request.body.size()) {
      refuse(body_too_large(body_limit_), error);
      return 0;
    }
    request.body.append(piece.data(), piece.size());
    return piece.size();
  }

  std::size_t on_body_impl(View piece, error_code& error) override { return append(piece, error); }
  void on_chunk_header_impl(std::uint64_t size, View, error_code& error) override {
    if (size > body_limit_ - request.body.size()) refuse(body_too_large(body_limit_), error);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View piece, error_code& error) override { return append(piece, error); }
  void on_finish_impl(error_code&) override {}

  ParserLimits limits_;
  int version_ = 11;
  bool header_known_ = false;
};

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(const ParserLimits& l) : limits(l), filler(l) {}

  std::size_t feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (state != State::done && state != State::bad && taken < bytes.size()) {
      const bool in_header = state == State::header;
      error_code error;
      const std::size_t took = filler.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
      taken += took;
      if (in_header) header_bytes += took;
      began = true;
      if (error == beast::error::need_more) error = {};
      if (error) {
        fail(filler.bad ? *std::move(filler.bad) : explain(error));
        break;
      }
      if (in_header && !keeps_limit(bytes.size() - taken)) {
        fail(header_too_large(limits.header));
        break;
      }
      if (filler.is_done()) {
        state = State::done;
      } else if (in_header && filler.is_header_done()) {
        state = State::body;
        break;  // the caller sets the body's limit first
      } else if (took == 0) {
        break;
      }
    }
    return taken;
  }

  [[nodiscard]] bool keeps_limit(std::size_t waiting) const {
    return header_bytes + (filler.is_header_done() ? 0 : waiting) <= limits.header;
  }

  void limit_body(std::size_t bytes) {
    filler.body_limit_ = bytes;
    const auto length = filler.content_length();
    if (length && *length > bytes) fail(body_too_large(bytes));
  }

  void fail(BadRequest why) {
    bad = std::move(why);
    state = State::bad;
  }

  ParserLimits limits;
  Filler filler;
  State state = State::header;
  BadRequest bad;
  bool began = false;
  std::size_t header_bytes = 0;
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) { return impl_->feed(bytes); }
RequestParser::State RequestParser::state() const { return impl_->state; }
void RequestParser::limit_body(std::size_t bytes) { impl_->limit_body(bytes); }
Request& RequestParser::request() { return impl_->filler.request; }
const BadRequest& RequestParser::bad() const { return impl_->bad; }
bool RequestParser::keep_alive() const { return impl_->filler.keep_alive(); }
bool RequestParser::expects_continue() const {
  return base::iequals(impl_->filler.request.fields.get("Expect"), "100-continue");
}
bool RequestParser::began() const { return impl_->began; }

}  // namespace todoku::http
