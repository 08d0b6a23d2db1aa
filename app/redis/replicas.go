package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/status"
)

// Replicas is where replicas leave a few figures about themselves for whoever looks after them. What one left goes by itself when it no longer does.
type ReplicaRegistry struct {
	bus  *Bus
	name string
}

// figuresLast is how long figures stand unrenewed.
const figuresLifetime = 15 * time.Second

// NewReplicaRegistry; name tells installations that share a Redis apart.
func NewReplicaRegistry(bus *Bus, name string) *ReplicaRegistry { return &ReplicaRegistry{bus, name} }

// All keys have one tag, so that they are in one slot of a cluster.
func (r *ReplicaRegistry) names() string            { return "{" + r.name + "}:names" }
func (r *ReplicaRegistry) figures(of string) string { return "{" + r.name + "}:figures:" + of }

// Tell leaves this replica's figures.
func (r *ReplicaRegistry) Publish(ctx context.Context, f status.Replica) error {
	value, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return r.write(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		pipe.Set(ctx, r.figures(f.Name), value, figuresLifetime)
		pipe.ZAdd(ctx, r.names(), redis.Z{Score: float64(f.At.Unix()), Member: f.Name})
		pipe.ZRemRangeByScore(ctx, r.names(), "-inf", strconv.FormatInt(f.At.Add(-time.Hour).Unix(), 10)) // of those that are long gone, whatever the clocks
	})
}

// Forget takes them away again.
func (r *ReplicaRegistry) Remove(ctx context.Context, name string) error {
	return r.write(ctx, func(ctx context.Context, pipe redis.Pipeliner) {
		pipe.Del(ctx, r.figures(name))
		pipe.ZRem(ctx, r.names(), name)
	})
}

func (r *ReplicaRegistry) write(ctx context.Context, f func(context.Context, redis.Pipeliner)) error {
	if r.bus.Down() {
		return errDown
	}
	ctx, cancel := r.bus.callContext(ctx)
	defer cancel()
	_, err := r.bus.client.Pipelined(ctx, func(pipe redis.Pipeliner) error { f(ctx, pipe); return nil })
	return err
}

// All are the figures of all replicas that left some of late, by name.
func (r *ReplicaRegistry) All(ctx context.Context) ([]status.Replica, error) {
	if r.bus.Down() {
		return nil, errDown
	}
	ctx, cancel := r.bus.callContext(ctx)
	defer cancel()
	names, err := r.bus.client.ZRange(ctx, r.names(), 0, -1).Result()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = r.figures(name)
	}
	values, err := r.bus.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, err
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

// State asks Redis how it is.
func (b *Bus) State(ctx context.Context) (status.RedisState, error) {
	if b.Down() {
		return status.RedisState{}, errDown
	}
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	begin := time.Now()
	if err := b.client.Ping(ctx).Err(); err != nil {
		return status.RedisState{}, err
	}
	s := status.RedisState{Ping: time.Since(begin)}
	pool := b.client.PoolStats()
	s.Open, s.Used = pool.TotalConns, pool.TotalConns-pool.IdleConns
	text, err := b.client.Info(ctx).Result()
	if errors.As(err, new(redis.Error)) { // the embedded one has little to tell
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, readInfo(text, &s)
}

// readInfo takes from INFO's answer what is there.
func readInfo(text string, s *status.RedisState) (err error) {
	numbers := map[string]*int64{"used_memory": &s.Bytes, "maxmemory": &s.MaxBytes, "connected_clients": &s.Clients}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "redis_version" {
			s.Version = value
		}
		if field := numbers[name]; field != nil {
			if *field, err = strconv.ParseInt(value, 10, 64); err != nil {
				return fmt.Errorf("INFO: %s: %w", name, err)
			}
		}
	}
	return nil
}
