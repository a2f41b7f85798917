#include "remedy/suggestion.h"

#include <gmock/gmock.h>

#include "store/test_store.h"

namespace todoku::remedy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<KnownDomain> kKnown = {{"gmail.com", 900},      {"yahoo.co.jp", 500}, {"docomo.ne.jp", 300},
                                         {"ezweb.ne.jp", 0},      {"nifty.com", 0},     {"kinoko-mura.jp", 40},
                                         {"softbank.ne.jp", 200}, {"yahoo.com", 10}};

struct Slip {
  std::string_view typed;
  std::string_view meant;
};

TEST(NearDomains, FindSlips) {
  for (const auto& [typed, meant] : std::vector<Slip>{{"gmial.com", "gmail.com"},
                                                      {"gmal.com", "gmail.com"},
                                                      {"gnail.com", "gmail.com"},
                                                      {"gmail.con", "gmail.com"},
                                                      {"gmailcom", "gmail.com"},
                                                      {"ggmail.com", "gmail.com"},
                                                      {"yaho.co.jp", "yahoo.co.jp"},
                                                      {"yahoo.cojp", "yahoo.co.jp"},
                                                      {"docomo.ne.jo", "docomo.ne.jp"},
                                                      {"docomo.co.jp", "docomo.ne.jp"},
                                                      {"docomonejp", "docomo.ne.jp"},
                                                      {"sofbank.ne.jp", "softbank.ne.jp"},
                                                      {"kinoko-mira.jp", "kinoko-mura.jp"},
                                                      {"kinokomura.jp", "kinoko-mura.jp"}}) {
    const auto found = near_domains(typed, kKnown);
    ASSERT_FALSE(found.empty()) << typed;
    EXPECT_EQ(found.front(), meant) << typed;
  }
}

TEST(NearDomains, LeaveOthersAlone) {
  for (const std::string_view fine : {"gmail.com", "kinoko-mura.jp", "example.jp", "fifty.com", "yahoo.be", "mail.com",
                                      "gmx.de", "takenoko-mura.jp", "hail.com", "ymail.com", "a.b", ""}) {
    EXPECT_THAT(near_domains(fine, kKnown), IsEmpty()) << fine;
  }
}

TEST(NearDomains, NeighboursOnTheKeyboardAreNearer) {
  EXPECT_LT(slips_between("gnail.com", "gmail.com"), slips_between("gqail.com", "gmail.com"));
  EXPECT_LT(slips_between("gmial.com", "gmail.com"), slips_between("gmxxl.com", "gmail.com"));
  EXPECT_LT(slips_between("gmailcom", "gmail.com"), slips_between("gmil.com", "gmail.com"));
  EXPECT_EQ(slips_between("gmail.com", "gmail.com"), 0);
  EXPECT_GE(slips_between(std::string(200, 'a'), "gmail.com"), 100);
}

class SuggestionTest : public store::StoreTest {};
TODOKU_ON_BOTH_ENGINES(SuggestionTest);

TEST_P(SuggestionTest, KnowsWhereOurReadersGetMail) {
  run("insert into site_history (site, sent, errors) values ('kinoko-mura.jp', 40, 2), ('kinoko-mira.jp', 40, 39), "
      "('gmaul.com', 12, 0)");
  const auto db = store().read();
  EXPECT_THAT(suggest_addresses(*db, "Aoi@kinoko-mira.jp").value(), ElementsAre("Aoi@kinoko-mura.jp"));
  EXPECT_THAT(suggest_addresses(*db, "aoi@gmaul.com").value(), IsEmpty()) << "readers get mail there";
  EXPECT_THAT(suggest_addresses(*db, "aoi@GMIAL.com").value(), ElementsAre("aoi@gmail.com"));
  EXPECT_THAT(suggest_addresses(*db, "aoi@gmaill.com").value(), ElementsAre("aoi@gmail.com"));
  EXPECT_EQ(suggest_addresses(*db, "aoi").error().code, base::ErrorCode::invalid);
}

}  // namespace
}  // namespace todoku::remedy
