// SQL of the tables cluster_node, cluster_turn, cluster_share, cluster_lot and cluster_rest.
#pragma once

namespace todoku::cluster {

inline constexpr char kTakeTurn[] = "update cluster_turn set turn = turn + 1";

inline constexpr char kComeAlive[] =
    "insert into cluster_node (node, alive_until) values (?1, ?2) on conflict (node) do "
    "update set alive_until = excluded.alive_until";
inline constexpr char kDead[] = "select node, alive_until from cluster_node where alive_until <= ?1";
inline constexpr char kForgetShares[] = "delete from cluster_share where node = ?1 and cools <= ?2";
inline constexpr char kForgetNode[] =
    "delete from cluster_node where node = ?1 and not exists (select 1 from cluster_share s where s.node = ?2)";

inline constexpr char kOthers[] =
    "select key, node, held, wanted from cluster_share where key in in_list(?1) and node <> ?2";
inline constexpr char kGiveUp[] = "delete from cluster_share where node = ?1 and key in in_list(?2)";
inline constexpr char kShareColumns[] = "key, node, receiver, span, held, wanted, cools";
inline constexpr char kMembers[] =
    "select s.node, s.span, s.held, s.wanted from cluster_share s join cluster_node n on n.node = s.node "
    "where s.receiver = ?1 and n.alive_until > ?2 order by s.span, s.node";

inline constexpr char kGiveLotBack[] =
    "update cluster_lot set mails = mails - ?3 where key = ?1 and slice = ?2 and mails >= ?3";
inline constexpr char kLotsTaken[] = "select coalesce(sum(mails), 0) from cluster_lot where key = ?1 and slice >= ?2";
inline constexpr char kOldestLot[] = "select min(slice) from cluster_lot where key = ?1 and slice >= ?2 and mails > 0";
inline constexpr char kTakeLot[] =
    "insert into cluster_lot (key, slice, mails) values (?1, ?2, ?3) on conflict (key, slice) do "
    "update set mails = cluster_lot.mails + excluded.mails";
inline constexpr char kForgetLots[] = "delete from cluster_lot where key = ?1 and slice < ?2";

inline constexpr char kTellRest[] =
    "insert into cluster_rest (receiver, node, until, blocked) values (?1, ?2, ?3, ?4) on conflict (receiver) do "
    "update set node = excluded.node, until = excluded.until, blocked = excluded.blocked "
    "where cluster_rest.until < excluded.until";
inline constexpr char kEndRest[] = "delete from cluster_rest where receiver = ?1";
inline constexpr char kForgetPauses[] = "delete from cluster_rest where blocked = 0 and until <= ?1";
inline constexpr char kRests[] = "select receiver, node, until, blocked from cluster_rest";
inline constexpr char kRestOf[] = "select receiver, node, until, blocked from cluster_rest where receiver = ?1";

}  // namespace todoku::cluster
