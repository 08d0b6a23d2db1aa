package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/app/status"
)

// State returns the state of Redis for operators. The embedded Redis does not support
// INFO, so its state has the figures of the connection only.
func (b *Bus) State(ctx context.Context) (status.RedisState, error) {
	if b.Down() {
		return status.RedisState{}, errDown
	}

	ctx, cancel := b.callContext(ctx)
	defer cancel()

	begin := time.Now()
	if err := b.client.Ping(ctx).Err(); err != nil {
		return status.RedisState{}, b.failed(err)
	}

	s := status.RedisState{Ping: time.Since(begin)}
	pool := b.client.PoolStats()
	s.Open, s.Used = pool.TotalConns, pool.TotalConns-pool.IdleConns

	text, err := b.client.Info(ctx).Result()
	if err != nil && isReply(err) {
		return s, nil
	}
	if err != nil {
		return s, b.failed(err)
	}
	return s, parseInfo(text, &s)
}

// parseInfo copies the known lines of an INFO reply to s.
func parseInfo(text string, s *status.RedisState) (err error) {
	numbers := map[string]*int64{
		"used_memory":       &s.Bytes,
		"maxmemory":         &s.MaxBytes,
		"connected_clients": &s.Clients,
	}

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
