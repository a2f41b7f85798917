#include "cluster/store_ledger.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "cluster/cluster_queries.h"
#include "cluster/share.h"

namespace todoku::cluster {
namespace {

using base::Time;

constexpr std::int64_t kSlices = 40;  // of a long span

/// Keys are hashes, since the database takes lists of integers. Two lines in 2^64 would share one limit.
std::int64_t key_of(const Line& line) {
  const std::string text = line.receiver + '\n' + std::to_string(line.span.count());
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     nullptr, 0);
  std::int64_t key = 0;
  std::memcpy(&key, hash.data(), sizeof key);
  return key;
}

std::vector<std::int64_t> keys_of(const std::vector<Line>& lines) {
  std::vector<std::int64_t> keys;
  keys.reserve(lines.size());
  for (const Line& line : lines) keys.push_back(key_of(line));
  return keys;
}

using Claims = std::unordered_map<std::int64_t, std::vector<Claim>>;

Claims claims_of_others(store::Connection& db, const std::vector<std::int64_t>& keys, const std::string& node) {
  Claims claims;
  auto rows = db.query(kOthers, {store::Integers{keys}, node});
  while (rows.next()) {
    claims[rows.integer(0)].push_back({std::string(rows.text(1)), rows.integer(2), rows.integer(3)});
  }
  return claims;
}

Rest rest_in(const store::Rows& row) {
  return {.receiver = std::string(row.text(0)),
          .node = std::string(row.text(1)),
          .until = base::from_stored(row.integer(2)),
          .blocked = row.integer(3) != 0};
}

}  // namespace

StoreLedger::StoreLedger(std::unique_ptr<store::Store> store, StoreLedgerOptions options)
    : store_(std::move(store)), options_(std::move(options)) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used");
}

StoreLedger::~StoreLedger() = default;

Reply StoreLedger::exchange(const Request& request) {
  Reply reply;
  store_->write_now([&](store::Connection& db) {
    reply = {};
    reply.parts.resize(request.lines.size());
    db.execute(kTakeTurn);
    come_alive(db, request.now);
    share(db, request, reply);
    take_lots(db, request, reply);
    tell_rests(db, request, reply);
  });
  return reply;
}

void StoreLedger::leave(Time now) {
  store_->write_now([&](store::Connection& db) {
    db.execute(kTakeTurn);
    db.execute(kComeAlive, {options_.node, now});
  });
}

/// Says that this node lives, and takes what the dead held: their windows empty a span after the last word.
void StoreLedger::come_alive(store::Connection& db, Time now) const {
  db.execute(kComeAlive, {options_.node, now + options_.lease});
  std::vector<std::pair<std::string, std::int64_t>> dead;
  {
    auto rows = db.query(kDead, {now});
    while (rows.next()) dead.emplace_back(rows.text(0), base::to_stored(now) - rows.integer(1));
  }
  for (const auto& [node, silent] : dead) {
    db.execute(kForgetShares, {node, silent});
    db.execute(kForgetNode, {node, node});
  }
}

void StoreLedger::share(store::Connection& db, const Request& request, Reply& reply) const {
  std::vector<Line> lines;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < request.lines.size(); ++i) {
    if (request.lines[i].lots) continue;
    lines.push_back(request.lines[i]);
    places.push_back(i);
  }
  if (lines.empty()) return;
  const std::vector<std::int64_t> keys = keys_of(lines);
  const Claims others = claims_of_others(db, keys, options_.node);
  db.execute(kGiveUp, {options_.node, store::Integers{keys}});
  const auto load = db.load("cluster_share", kShareColumns);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    const auto found = others.find(keys[i]);
    const std::vector<Claim> claims = found == others.end() ? std::vector<Claim>() : found->second;
    const Claim mine{options_.node, line.held, line.wanted};
    Part& part = reply.parts[places[i]];
    part = {.granted = granted(line.most, claims, mine), .fair = fair_part(line.most, claims, mine)};
    const std::int64_t held = std::max(line.held, part.granted);
    if (held == 0 && line.wanted == 0) continue;
    const std::int64_t span = line.span.count();
    load->row({keys[i], options_.node, line.receiver, span, held, line.wanted, span});
  }
  load->finish();
}

/// Mails of a lot are begun until it ends: it counts from its end, so that every stretch that any of them can be in is
/// covered.
void StoreLedger::take_lots(store::Connection& db, const Request& request, Reply& reply) const {
  for (std::size_t i = 0; i < request.lines.size(); ++i) {
    const Line& line = request.lines[i];
    if (!line.lots) continue;
    const std::int64_t key = key_of(line);
    const base::Duration width = line.span / kSlices;
    const auto slice_of = [width](Time at) { return at.time_since_epoch() / width; };
    const std::int64_t first = slice_of(request.now - line.span);
    if (line.held > 0) db.execute(kGiveLotBack, {key, slice_of(line.lot_until), line.held});
    const std::int64_t taken = *db.query_integer(kLotsTaken, {key, first});
    Part& part = reply.parts[i];
    part.granted = part.fair = std::clamp<std::int64_t>(line.wanted, 0, std::max<std::int64_t>(line.most - taken, 0));
    if (part.granted > 0) db.execute(kTakeLot, {key, slice_of(request.now + kLotLife), part.granted});
    if (part.granted == 0) {
      const auto oldest = db.query_integer(kOldestLot, {key, first});
      if (oldest) part.free_at = Time((*oldest + 1) * width + line.span);
    }
    db.execute(kForgetLots, {key, first});
  }
}

void StoreLedger::tell_rests(store::Connection& db, const Request& request, Reply& reply) const {
  for (const Rest& rest : request.rests) {
    if (rest.over) {
      db.execute(kEndRest, {rest.receiver});
    } else {
      db.execute(kTellRest, {rest.receiver, options_.node, rest.until, rest.blocked});
    }
  }
  db.execute(kForgetPauses, {request.now});
  auto rows = db.query(kRests);
  while (rows.next()) reply.rests.push_back(rest_in(rows));
}

Picture StoreLedger::look(const std::string& receiver, Time now) {
  const store::Lease db = store_->read();
  Picture picture;
  {
    auto rows = db->query(kMembers, {receiver, now});
    while (rows.next()) {
      picture.members.push_back(
          {std::string(rows.text(0)), base::Duration(rows.integer(1)), rows.integer(2), rows.integer(3)});
    }
  }
  auto rows = db->query(kRestOf, {receiver});
  if (rows.next()) picture.rest = rest_in(rows);
  return picture;
}

}  // namespace todoku::cluster
