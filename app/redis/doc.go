// Package redis holds everything that replicas share through Redis: live events
// ([Bus], [Subscriptions]), the tails of conversations, [Presence], [AccessCache],
// [RateLimitStore], [TraceStore] and [ReplicaRegistry].
//
// A replica subscribes to one channel per connected person and to one channel of all
// replicas. Delivery is at most once: after a loss, pages receive a resync event and
// fetch. No call waits longer than 300 ms, and while Redis is down none waits at all.
package redis
