package redis

import "github.com/redis/go-redis/v9"

// The roll is what Redis knows of who is here, for all replicas. Its keys, whose tag keeps them in one slot of a cluster, are in this order
// in each script:
//
//	replicas  sorted set: a replica, by when its lease ends
//	counts    hash: a person, on how many replicas they are
//	online    set: people who are, or were until a moment ago
//	leaving   sorted set: people with no stream any more, by when they will be offline
//	untold    sorted set: people whose friends are still to be told, by when another replica may take that over
//	          and, last, the set of the people on one replica
//
// A count changes only with such a set, in one script, so that it is always the number of those sets which have the person. Times are
// milliseconds of Redis' own clock.
func rollKeys(name string) []string {
	tag := "{" + name + "}:"
	return []string{tag + "replicas", tag + "counts", tag + "online", tag + "leaving", tag + "untold"}
}

func replicaPeopleKey(name, replica string) string { return "{" + name + "}:on:" + replica }

// rollScript begins each script. ARGV: the replica; in milliseconds its lease, how long people linger, how long telling may take.
const presenceScript = `
local replicas, counts, online, leaving, untold, people = unpack(KEYS)
local replica, lease, linger, telling = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function ms(t) return string.format('%.0f', t) end
local function alive() redis.call('ZADD', replicas, ms(now + lease), replica) end
local changed = {}
local function tell(person)
  local by = ms(now + telling)
  redis.call('ZADD', untold, by, person)
  table.insert(changed, person)
  table.insert(changed, by)
end
local function gone(person, due)
  if redis.call('HINCRBY', counts, person, -1) <= 0 then
    redis.call('HDEL', counts, person)
    redis.call('ZADD', leaving, ms(due), person)
  end
end
`

// arrive adds the people from ARGV[5] on, leave takes them away. Both answer whose friends are to be told, each with the end of the time for it.
var (
	arriveScript = redis.NewScript(presenceScript + `
alive()
for i = 5, #ARGV do
  local person = ARGV[i]
  if redis.call('SADD', people, person) == 1 then redis.call('HINCRBY', counts, person, 1) end
  redis.call('ZREM', leaving, person)
  if redis.call('SADD', online, person) == 1 then tell(person) end
end
return changed`)
	leaveScript = redis.NewScript(presenceScript + `
alive()
for i = 5, #ARGV do
  if redis.call('SREM', people, ARGV[i]) == 1 then gone(ARGV[i], now + linger) end
end
return changed`)
)

// beat prolongs the replica's lease. It answers whether it still had one, and if so how many people it has here, the replicas whose lease is over, and at most
// ARGV[5] people whose friends are to be told: those who are offline now, and those whom somebody else didn't tell of in time.
var heartbeatScript = redis.NewScript(presenceScript + `
local ends = redis.call('ZSCORE', replicas, replica)
alive()
if not ends or tonumber(ends) <= now then return {0, redis.call('SCARD', people), {}, {}} end
for _, person in ipairs(redis.call('ZRANGEBYSCORE', leaving, '-inf', ms(now), 'LIMIT', 0, ARGV[5])) do
  redis.call('ZREM', leaving, person)
  if redis.call('SREM', online, person) == 1 then tell(person) end
end
for _, person in ipairs(redis.call('ZRANGEBYSCORE', untold, '-inf', ms(now), 'LIMIT', 0, ARGV[5])) do tell(person) end
local silent = redis.call('ZRANGEBYSCORE', replicas, '-inf', ms(now), 'LIMIT', 0, 10)
return {1, redis.call('SCARD', people), silent, changed}`)

// claim takes at most ARGV[6] people away from the replica ARGV[5]: one whose lease is over, or oneself. It answers 1 while there are more. Nobody is
// taken twice, however many claim at once, and nothing from a replica that has come back. Whoever was on a silent one has lingered since its last sign of life.
var claimScript = redis.NewScript(presenceScript + `
local ends = tonumber(redis.call('ZSCORE', replicas, ARGV[5]) or now)
local due = now + linger
if ARGV[5] ~= replica then
  if ends > now then return 0 end
  due = math.max(now, ends - lease + linger)
end
local taken = redis.call('SPOP', people, ARGV[6])
for _, person in ipairs(taken) do gone(person, due) end
if #taken == tonumber(ARGV[6]) then return 1 end
redis.call('ZREM', replicas, ARGV[5])
return 0`)

// told says that friends were told: pairs of ARGV from 5 on, as the other scripts answered them. One that has changed since stays.
var notifiedScript = redis.NewScript(presenceScript + `
for i = 5, #ARGV, 2 do
  if redis.call('ZSCORE', untold, ARGV[i]) == ARGV[i + 1] then redis.call('ZREM', untold, ARGV[i]) end
end
return 0`)
