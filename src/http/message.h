// Requests and responses of HTTP (RFC 9110) as handlers see them: whole, decoded, within limits.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace todoku::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
[[nodiscard]] std::string_view to_string(Method method);

/// Header fields in the order they came. Names compare without case.
class Fields {
 public:
  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  /// Replaces those of the name.
  void set(std::string_view name, std::string_view value);
  /// The first of the name; empty where there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Names and values of a query or a form, decoded, in order.
class Parameters {
 public:
  void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return pairs_; }
  [[nodiscard]] std::size_t size() const { return pairs_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct Request {
  Method method = Method::get;
  std::string target;             // as it came; may carry tokens: not for the log
  std::vector<std::string> path;  // decoded segments; "/" has none
  Parameters query;
  Fields fields;
  std::string body;

  Parameters route;      // what the route's {names} stand for
  std::string peer;      // the client's address in numbers, a trusted proxy seen through
  bool proxied = false;  // some header says that a proxy, trusted or not, stands before us
  bool secure = false;   // over TLS, here or at a trusted proxy
};

struct Response {
  int status = 200;
  Fields fields;
  std::string body;
};

[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace todoku::http
