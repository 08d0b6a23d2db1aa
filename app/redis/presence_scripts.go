package redis

import "github.com/redis/go-redis/v9"

// presenceKeys are the keys of the registry. Their hash tag keeps them in one slot of a
// cluster. Times are milliseconds of the clock of Redis.
type presenceKeys struct {
	tag        string
	replicas   string // sorted set: replicas by the end of their lease
	counts     string // hash: people to the number of replicas that they are registered on
	online     string // set: people who are online
	leaving    string // sorted set: people without a stream by the time at which they go offline
	unnotified string // sorted set: people whose friends are not notified yet, by the deadline for it
}

func presenceKeysOf(prefix string) presenceKeys {
	tag := namespace + "{" + prefix + "}:"
	return presenceKeys{
		tag:        tag,
		replicas:   tag + "replicas",
		counts:     tag + "counts",
		online:     tag + "online",
		leaving:    tag + "leaving",
		unnotified: tag + "unnotified",
	}
}

// people returns the key of the set of people who are registered on a replica.
func (k presenceKeys) people(replica string) string { return k.tag + "on:" + replica }

// list returns the keys in the order of presenceScript.
func (k presenceKeys) list(replica string) []string {
	return []string{k.replicas, k.counts, k.online, k.leaving, k.unnotified, k.people(replica)}
}

// presenceScript begins each script. A person's count changes only together with a
// replica's set of people, in one script, so it is always the number of sets that contain
// the person. ARGV: the replica; its lease duration, the offline delay and the notify
// timeout in milliseconds.
const presenceScript = `
local replicas, counts, online, leaving, unnotified, people = unpack(KEYS)
local replica, lease, offline_delay, notify_timeout = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function ms(t) return string.format('%.0f', t) end
local function renew_lease() redis.call('ZADD', replicas, ms(now + lease), replica) end
local changed = {}
local function notify(person)
  local deadline = ms(now + notify_timeout)
  redis.call('ZADD', unnotified, deadline, person)
  table.insert(changed, person)
  table.insert(changed, deadline)
end
local function unregister(person, offline_at)
  if redis.call('HINCRBY', counts, person, -1) <= 0 then
    redis.call('HDEL', counts, person)
    redis.call('ZADD', leaving, ms(offline_at), person)
  end
end
`

// arriveScript registers people on the replica, and leaveScript unregisters them. ARGV
// from 5: the people. Both return pairs of a person whose friends must be notified and
// the deadline for it.
var (
	arriveScript = redis.NewScript(presenceScript + `
renew_lease()
for i = 5, #ARGV do
  local person = ARGV[i]
  if redis.call('SADD', people, person) == 1 then redis.call('HINCRBY', counts, person, 1) end
  redis.call('ZREM', leaving, person)
  if redis.call('SADD', online, person) == 1 then notify(person) end
end
return changed`)

	leaveScript = redis.NewScript(presenceScript + `
renew_lease()
for i = 5, #ARGV do
  if redis.call('SREM', people, ARGV[i]) == 1 then unregister(ARGV[i], now + offline_delay) end
end
return changed`)
)

// heartbeatScript renews the replica's lease. ARGV[5] is how many notifications the
// replica accepts. It returns
//
//	1 if the replica still had a lease, else 0 and empty lists
//	the number of people registered on it
//	up to 10 replicas whose lease has expired
//	pairs as arriveScript does, for people who are offline from now on and for people
//	whose friends another replica did not notify by the deadline
var heartbeatScript = redis.NewScript(presenceScript + `
local lease_end = redis.call('ZSCORE', replicas, replica)
renew_lease()
if not lease_end or tonumber(lease_end) <= now then return {0, redis.call('SCARD', people), {}, {}} end
for _, person in ipairs(redis.call('ZRANGEBYSCORE', leaving, '-inf', ms(now), 'LIMIT', 0, ARGV[5])) do
  redis.call('ZREM', leaving, person)
  if redis.call('SREM', online, person) == 1 then notify(person) end
end
for _, person in ipairs(redis.call('ZRANGEBYSCORE', unnotified, '-inf', ms(now), 'LIMIT', 0, ARGV[5])) do
  notify(person)
end
local expired = redis.call('ZRANGEBYSCORE', replicas, '-inf', ms(now), 'LIMIT', 0, 10)
return {1, redis.call('SCARD', people), expired, changed}`)

// claimScript unregisters up to ARGV[6] people of the replica ARGV[5], which is the caller
// itself or one whose lease has expired. It returns 1 while there may be more. Concurrent
// claims unregister nobody twice, and a replica that has renewed its lease keeps its
// people. For people of an expired replica the offline delay began with its last
// renewal.
var claimScript = redis.NewScript(presenceScript + `
local lease_end = tonumber(redis.call('ZSCORE', replicas, ARGV[5]) or now)
local offline_at = now + offline_delay
if ARGV[5] ~= replica then
  if lease_end > now then return 0 end
  offline_at = math.max(now, lease_end - lease + offline_delay)
end
local claimed = redis.call('SPOP', people, ARGV[6])
for _, person in ipairs(claimed) do unregister(person, offline_at) end
if #claimed == tonumber(ARGV[6]) then return 1 end
redis.call('ZREM', replicas, ARGV[5])
return 0`)

// notifiedScript records finished notifications. ARGV from 5: pairs as the other scripts
// return them. A person with another deadline has changed since, so that notification
// remains.
var notifiedScript = redis.NewScript(presenceScript + `
for i = 5, #ARGV, 2 do
  if redis.call('ZSCORE', unnotified, ARGV[i]) == ARGV[i + 1] then redis.call('ZREM', unnotified, ARGV[i]) end
end
return 0`)
