#include "http/router.h"

#include <gmock/gmock.h>

#include "http/language.h"
#include "http/uri.h"

namespace todoku::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Request asking(Method method, std::string_view target) {
  Request request;
  request.method = method;
  request.path = parse_target(target)->path;
  return request;
}

Router example() {
  Router router;
  for (const char* pattern : {"/", "/a/{x}", "/a/b", "/{y}/b/c", "/a/{x}/{z}"}) router.add(Method::get, pattern, {});
  router.add(Method::post, "/a/{x}", {}, 10);
  return router;
}

std::string pattern_of(Method method, std::string_view target) {
  const Router router = example();
  Request request = asking(method, target);
  const Route* route = router.match(request).route;
  return route == nullptr ? "none" : route->pattern;
}

TEST(Router, PrefersTextToNames) {
  EXPECT_EQ(pattern_of(Method::get, "/"), "/");
  EXPECT_EQ(pattern_of(Method::get, "/a/b"), "/a/b");
  EXPECT_EQ(pattern_of(Method::get, "/a/c"), "/a/{x}");
  EXPECT_EQ(pattern_of(Method::get, "/a/b/c"), "/a/{x}/{z}");  // the first segment that differs decides
  EXPECT_EQ(pattern_of(Method::get, "/d/b/c"), "/{y}/b/c");
  EXPECT_EQ(pattern_of(Method::head, "/a/b"), "/a/b");
  EXPECT_EQ(pattern_of(Method::post, "/a/b"), "/a/{x}");
}

TEST(Router, FindsNothingForOtherPaths) {
  for (const char* target : {"/b", "/a", "/a/", "/a/b/c/d", "//"})
    EXPECT_EQ(pattern_of(Method::get, target), "none") << target;
}

TEST(Router, TellsWhichMethodsAPathTakes) {
  const Router router = example();
  Request request = asking(Method::put, "/a/c");
  const auto match = router.match(request);
  EXPECT_EQ(match.route, nullptr);
  EXPECT_THAT(match.allowed, ElementsAre(Method::get, Method::post));
  EXPECT_THAT(request.route.all(), IsEmpty());
}

TEST(Router, GivesNamesTheirValues) {
  const Router router = example();
  Request request = asking(Method::get, "/a/b%20c/d%2Fe");
  ASSERT_NE(router.match(request).route, nullptr);
  EXPECT_THAT(request.route.all(), ElementsAre(Pair("x", "b c"), Pair("z", "d/e")));
}

TEST(Language, IsThatOfTheHighestQuality) {
  constexpr std::string_view kOurs[] = {"en", "ja"};
  EXPECT_EQ(preferred_language("ja,en-US;q=0.7,en;q=0.3", kOurs), "ja");
  EXPECT_EQ(preferred_language("en-US,en;q=0.9,ja;q=0.8", kOurs), "en");
  EXPECT_EQ(preferred_language("fr, ja-JP;q=0.5", kOurs), "ja");
  EXPECT_EQ(preferred_language("JA;q=0.001", kOurs), "ja");
  for (const char* none : {"", "fr", "*", "ja;q=0", "ja;q=x", ";;,,", "ja;q="})
    EXPECT_EQ(preferred_language(none, kOurs), "en") << none;
}

}  // namespace
}  // namespace todoku::http
