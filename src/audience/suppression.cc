#include "audience/suppression.h"

#include "audience/contact_queries.h"

namespace todoku::audience {

void suppress(store::Connection& db, std::string_view address_key, const Suppression& why) {
  db.execute(kSuppress, {address_key, why.reason, why.note, why.at});
}

std::optional<Suppression> find_suppression(store::Connection& db, std::string_view address_key) {
  auto rows = db.query(kSuppressionByKey, {address_key});
  if (!rows.next()) return std::nullopt;
  return Suppression{std::string(rows.text(0)), std::string(rows.text(1)), base::from_stored(rows.integer(2))};
}

}  // namespace todoku::audience
