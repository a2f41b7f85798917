// Single outcomes of one cause, to show people what a count stands for.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "queue/outcome.h"
#include "store/connection.h"

namespace todoku::queue {

struct Example {
  base::ContactId contact;
  std::string text;  // the reply or the local cause
};

/// At most `limit` outcomes of that result (any but delivered) and reason.
[[nodiscard]] std::vector<Example> examples_of(store::Connection& db, base::CampaignId campaign, Result result,
                                               std::string_view reason, int limit);

}  // namespace todoku::queue
