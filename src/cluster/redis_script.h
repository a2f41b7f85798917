// What Redis does at an exchange, all of it at once: nobody else's exchange comes in between.
//
// KEYS  1 the cluster (hash: run, quiet) · 2 nodes (sorted set: node → alive until) · 3 rests (hash: receiver → "until
//       blocked node") · then two a line: its receiver's shares (hash: "span node" → "held wanted"), its lots (hash:
//       slice → mails, "of node" → that node's last slice)
// ARGV  node, now, "redis" (its own clock counts) or "node", lease, a lot's life, Redis' run id, its uptime, number of
//       rests; of each: receiver, until, blocked, over; then of each line: span, most, lots, held, wanted
// Times are milliseconds; those of a node are of its own clock, and told to it so.
// Gives: quiet until (0: not), number of lines; of each: granted, fair, free at; of each rest: receiver, node, until,
// blocked.
//
// The rules are those of StoreLedger and share.h; one suite of tests holds all to them (ledger_test.cc). A Redis that
// was started anew may have forgotten who holds what: until the leases of before are over it grants nobody more than
// that node says it holds already.
#pragma once

namespace todoku::cluster {

inline constexpr char kExchangeScript[] = R"lua(
local at = 0
local function word() at = at + 1 return ARGV[at] end
local function number() return tonumber(word()) end
local function whole(n) return string.format('%.0f', n) end

local node, said, clock, lease, life, run, uptime = word(), number(), word(), number(), number(), word(), number()
local now = said
if clock == 'redis' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local ahead = now - said

local known = redis.call('HGET', KEYS[1], 'run')
local quiet = tonumber(redis.call('HGET', KEYS[1], 'quiet') or 0)
if known ~= run then
  quiet = (known and now or now - uptime) + lease
  redis.call('HSET', KEYS[1], 'run', run, 'quiet', whole(quiet))
end
quiet = quiet > now and quiet or 0

redis.call('ZADD', KEYS[2], whole(now + lease), node)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', whole(now - 7200000))
local alive = {}
local nodes = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #nodes, 2 do alive[nodes[i]] = tonumber(nodes[i + 1]) end

-- Who wants least is served first; of equals who holds least, so that a unit left over stays where it is.
local function before(a, b)
  if a.wanted ~= b.wanted then return a.wanted < b.wanted end
  if a.held ~= b.held then return a.held < b.held end
  return a.node < b.node
end
local function fair_part(most, mine, claims)
  for _, claim in ipairs(claims) do claim.wanted = math.min(claim.wanted, most) end
  table.sort(claims, before)
  local left = most
  for i, claim in ipairs(claims) do
    local part = math.max(0, math.min(claim.wanted, math.floor(left / (#claims - i + 1))))
    if claim == mine then return part end
    left = left - part
  end
end

local function share(key, span, most, held, wanted)
  local mine = {node = node, held = held, wanted = wanted}
  local claims, left = {mine}, most
  local told = redis.call('HGETALL', key)
  for i = 1, #told, 2 do
    local of, other = told[i]:match('^(%d+) (.*)$')
    if tonumber(of) == span and other ~= node then
      if (alive[other] or 0) + span <= now then
        redis.call('HDEL', key, told[i])
      else
        local theirs, want = told[i + 1]:match('^(%-?%d+) (%-?%d+)$')
        claims[#claims + 1] = {node = other, held = tonumber(theirs), wanted = tonumber(want)}
        left = left - tonumber(theirs)
      end
    end
  end
  local fair = fair_part(most, mine, claims)
  local granted = math.max(0, math.min(fair, left))
  if quiet > 0 then granted = math.min(granted, held) end
  local holds = math.max(held, granted)
  if holds == 0 and wanted == 0 then
    redis.call('HDEL', key, whole(span) .. ' ' .. node)
  else
    redis.call('HSET', key, whole(span) .. ' ' .. node, whole(holds) .. ' ' .. whole(wanted))
    redis.call('PEXPIRE', key, whole(lease + 7200000))
  end
  return granted, fair, 0
end

-- Mails of a lot are begun until it ends, so it counts from its end.
local function lot(key, span, most, left, wanted)
  local width = math.floor(span / 40)
  local first = math.floor((now - span) / width)
  if left > 0 then
    local mine = redis.call('HGET', key, 'of ' .. node)
    if mine and tonumber(redis.call('HGET', key, mine) or 0) >= left then
      redis.call('HINCRBY', key, mine, whole(-left))
    end
  end
  local taken, oldest = 0, nil
  local told = redis.call('HGETALL', key)
  for i = 1, #told, 2 do
    local slice = tonumber(told[i])
    local last = slice or tonumber(told[i + 1])
    if last < first then
      redis.call('HDEL', key, told[i])
    elseif slice then
      local mails = tonumber(told[i + 1])
      taken = taken + mails
      if mails > 0 and (not oldest or slice < oldest) then oldest = slice end
    end
  end
  local granted = math.max(0, math.min(wanted, most - taken))
  if quiet > 0 then return 0, granted, quiet end
  if granted > 0 then
    local slice = whole(math.floor((now + life) / width))
    redis.call('HINCRBY', key, slice, whole(granted))
    redis.call('HSET', key, 'of ' .. node, slice)
    redis.call('PEXPIRE', key, whole(2 * span))
    return granted, granted, 0
  end
  return 0, 0, oldest and (oldest + 1) * width + span or 0
end

for _ = 1, number() do
  local receiver, until_, blocked, over = word(), number() + ahead, word(), word()
  local rest = redis.call('HGET', KEYS[3], receiver)
  if over == '1' then
    redis.call('HDEL', KEYS[3], receiver)
  elseif not rest or tonumber(rest:match('^%d+')) < until_ then
    redis.call('HSET', KEYS[3], receiver, whole(until_) .. ' ' .. blocked .. ' ' .. node)
  end
end

local answer = {quiet > 0 and quiet - ahead or 0, (#KEYS - 3) / 2}
for i = 4, #KEYS, 2 do
  local span, most, lots, held, wanted = number(), number(), word(), number(), number()
  local granted, fair, free
  if lots == '1' then
    granted, fair, free = lot(KEYS[i + 1], span, most, held, wanted)
  else
    granted, fair, free = share(KEYS[i], span, most, held, wanted)
  end
  answer[#answer + 1] = granted
  answer[#answer + 1] = fair
  answer[#answer + 1] = free > 0 and free - ahead or 0
end

local rests = redis.call('HGETALL', KEYS[3])
for i = 1, #rests, 2 do
  local until_, blocked, who = rests[i + 1]:match('^(%d+) (%d) (.*)$')
  if blocked == '0' and tonumber(until_) <= now then
    redis.call('HDEL', KEYS[3], rests[i])
  else
    answer[#answer + 1] = rests[i]
    answer[#answer + 1] = who
    answer[#answer + 1] = tonumber(until_) - ahead
    answer[#answer + 1] = tonumber(blocked)
  end
end
return answer
)lua";

}  // namespace todoku::cluster
