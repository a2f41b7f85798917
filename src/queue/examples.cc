#include "queue/examples.h"

#include "queue/words.h"

namespace todoku::queue {
namespace {

// "result <> 0" again, so that the partial index can be used, and its name, so that it is: a rare cause was sought
// among all outcomes of the campaign.
constexpr std::string_view kSelectExamples =
    "select contact, text from outcome $by_index(outcome_cause) "
    "where campaign = ?1 and result = ?2 and reason = ?3 and result <> 0 limit ?4";

}  // namespace

std::vector<Example> examples_of(store::Connection& db, base::CampaignId campaign, Result result,
                                 std::string_view reason, int limit) {
  std::vector<Example> examples;
  const std::int64_t word = find_word(db, reason);
  auto rows = db.query(kSelectExamples, {campaign, static_cast<int>(result), word, limit});
  while (rows.next()) examples.push_back({base::ContactId{rows.integer(0)}, std::string(rows.text(1))});
  return examples;
}

}  // namespace todoku::queue
