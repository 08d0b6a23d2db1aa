package redis

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/status"
)

const (
	// figuresLifetime is how long figures are kept without a renewal.
	figuresLifetime = 15 * time.Second
	// nameLifetime is how long the name of a silent replica is kept. It exceeds any
	// difference between the clocks of replicas.
	nameLifetime = time.Hour
)

// ReplicaRegistry holds the figures that each replica publishes about itself for
// operators. They expire when their replica stops publishing. Safe for concurrent use.
type ReplicaRegistry struct {
	bus       *Bus
	keyPrefix string
}

// NewReplicaRegistry returns a registry whose keys begin with keyPrefix, which separates
// installations that share a Redis.
func NewReplicaRegistry(bus *Bus, keyPrefix string) *ReplicaRegistry {
	return &ReplicaRegistry{bus, keyPrefix}
}

// All keys have one hash tag, so that they are in one slot of a cluster.
func (r *ReplicaRegistry) namesKey() string { return namespace + "{" + r.keyPrefix + "}:names" }
func (r *ReplicaRegistry) figuresKey(name string) string {
	return namespace + "{" + r.keyPrefix + "}:figures:" + name
}

// Publish replaces the figures of a replica.
func (r *ReplicaRegistry) Publish(ctx context.Context, f status.Replica) error {
	value, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return r.write(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		outdated := strconv.FormatInt(f.At.Add(-nameLifetime).Unix(), 10)
		pipe.Set(ctx, r.figuresKey(f.Name), value, figuresLifetime)
		pipe.ZAdd(ctx, r.namesKey(), redis.Z{Score: float64(f.At.Unix()), Member: f.Name})
		pipe.ZRemRangeByScore(ctx, r.namesKey(), "-inf", outdated)
	})
}

// Remove deletes a replica and its figures.
func (r *ReplicaRegistry) Remove(ctx context.Context, name string) error {
	return r.write(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		pipe.Del(ctx, r.figuresKey(name))
		pipe.ZRem(ctx, r.namesKey(), name)
	})
}

func (r *ReplicaRegistry) write(ctx context.Context, fill func(context.Context, redis.Pipeliner)) error {
	if r.bus.Down() {
		return errDown
	}
	ctx, cancel := r.bus.callContext(ctx)
	defer cancel()
	pipe := r.bus.client.Pipeline()
	fill(ctx, pipe)
	_, err := execPipeline(ctx, pipe)
	return r.bus.failed(err)
}

// All returns the figures that have not expired, sorted by name.
func (r *ReplicaRegistry) All(ctx context.Context) ([]status.Replica, error) {
	if r.bus.Down() {
		return nil, errDown
	}

	ctx, cancel := r.bus.callContext(ctx)
	defer cancel()
	names, err := r.bus.client.ZRange(ctx, r.namesKey(), 0, -1).Result()
	if err != nil || len(names) == 0 {
		return nil, r.bus.failed(err)
	}

	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = r.figuresKey(name)
	}

	values, err := r.bus.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, r.bus.failed(err)
	}

	var all []status.Replica
	for _, v := range values {
		var f status.Replica
		if s, ok := v.(string); ok && json.Unmarshal([]byte(s), &f) == nil {
			all = append(all, f)
		}
	}

	slices.SortFunc(all, func(a, b status.Replica) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
