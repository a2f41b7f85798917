// The merge language of templates: a subset of Liquid, compiled once, rendered for each recipient.
//
//   {{ contact.name | default: "お客様" }}      output, through filters (liquid_filters.h)
//   {% if contact.age >= 20 and contact.city contains "東京" %} … {% elsif … %} … {% else %} … {% endif %}
//   {% unless … %} … {% endunless %}            {% case x %}{% when 1, 2 %} … {% else %} … {% endcase %}
//   {% for item in items limit: 3 offset: 1 reversed %} … {% break %} {% continue %} … {% else %} … {% endfor %}
//   {% for i in (1..3) %}                       forloop.index, index0, rindex, rindex0, first, last, length
//   {% assign x = … %}                          {% comment %} … {% endcomment %}   {% raw %} … {% endraw %}
//   {{- … -}}, {%- … -%}                        take the blanks beside them away
//
// Comparisons: == != <> < > <= >= contains; `and` and `or` group from the right, without brackets, as in Liquid. Names
// may have any letters beyond ASCII (contact.会社名); others go in brackets (contact["会社 名"]). In HTML what is
// output is escaped, except after `raw` or `escape`.
//
// Errors of compile() name source, line and column ("body.html:12:5", columns in characters), what is wrong, and what
// to do. Rendering fails only at a limit; nothing in the data can make it fail otherwise.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "campaign/liquid_value.h"

namespace todoku::campaign::liquid {

struct Limits {
  std::size_t source = std::size_t{2} << 20;   // octets of a template
  std::size_t nesting = 64;                    // tags inside tags
  std::size_t steps = 200'000;                 // instructions of one rendering
  std::size_t output = std::size_t{8} << 20;   // octets of one rendering
  std::size_t memory = std::size_t{16} << 20;  // octets of texts that filters made
};

/// The text of a template, and what to call it in errors.
struct Source {
  std::string_view text;
  std::string_view name;       // "body.html"
  std::size_t first_line = 1;  // where the text begins in that file
  std::size_t first_column = 1;
};

/// A name that a template uses, for the check against what is known.
struct Use {
  std::string root;               // "contact"
  std::vector<std::string> path;  // {"name"}; ends where a computed index begins
  std::string where;              // "body.html:3:12"
};

/// A stretch of a template outside all tags, or one with tags in it.
struct Segment {
  bool fixed = false;
  std::string_view text;  // of a fixed one; lives as long as the program
  std::size_t begin = 0;  // instructions of the others
  std::size_t end = 0;
};

struct Code;  // the compiled form: liquid_code.h

/// A compiled template. Cheap to copy; immutable, so any number of threads may render it at once.
class Program {
 public:
  static base::Result<Program> compile(const Source& source, bool html, const Limits& limits = {});

  [[nodiscard]] const std::vector<Segment>& segments() const;
  [[nodiscard]] const std::vector<Use>& uses() const;
  /// True where every recipient gets the same.
  [[nodiscard]] bool fixed() const;
  [[nodiscard]] const Code& code() const { return *code_; }

 private:
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;  // shared: copies of a program are held by every writer
};

/// What a rendering knows beside the template.
struct RenderInput {
  const Object& names;  // "contact", "sender", …
  base::Time now;       // for dates
  int utc_offset_minutes = 540;
};

/// Renders programs; keeps its memory from one mail to the next. Not thread-safe: one for each thread.
class Renderer {
 public:
  Renderer();
  Renderer(Renderer&&) noexcept;
  Renderer& operator=(Renderer&&) noexcept;
  ~Renderer();

  /// Appends the whole text.
  base::Result<void> render(const Program& program, const RenderInput& input, std::string& out);

  /// The same in pieces: begin(), then every segment that is not fixed, in order. What `assign` sets lasts till then.
  /// `input` must live as long.
  void begin(const Program& program, const RenderInput& input);
  base::Result<void> segment(const Segment& segment, std::string& out);

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

/// The candidate nearest to a misspelt word, or empty.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace todoku::campaign::liquid
