#include "store/time.h"

namespace todoku::store {

base::Time time_of(Connection& db) { return base::from_stored(db.query_integer("select $time").value()); }

}  // namespace todoku::store
