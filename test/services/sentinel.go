package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"parley/app/devservices"
)

const sentinelConfig = `port %d
bind 127.0.0.1
dir %s
sentinel monitor parley 127.0.0.1 %d 1
sentinel down-after-milliseconds parley 1000
sentinel failover-timeout parley 5000
`

// RedisSentinel is a master, its replica, and a sentinel that makes the one into the other; in this order they are its parts. Its URL is Parley's REDIS_URL.
func RedisSentinel(dir string) *Service {
	s := &Service{Name: "redis-sentinel", dir: dir}
	master, replica := Redis(dir), Redis(dir)
	replica.Name = "redis-replica"
	sentinel := &Service{Name: "sentinel", dir: dir}
	sentinel.run = func(ctx context.Context, sentinel *Service) (*os.Process, <-chan struct{}, error) {
		sentinel.URL = fmt.Sprintf("127.0.0.1:%d", sentinel.Port)
		config := filepath.Join(dir, "sentinel.conf")
		if _, err := os.Stat(config); err != nil {
			if err := os.WriteFile(config, fmt.Appendf(nil, sentinelConfig, sentinel.Port, dir, master.Port), 0o600); err != nil {
				return nil, nil, err
			}
		}
		return sentinel.exec(ctx, exec.Command("redis-server", config, "--sentinel"), func() error { return pingRedis(ctx, sentinel.URL) })
	}
	s.Nodes = []*Service{master, replica, sentinel}
	s.run = func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		for _, part := range s.Nodes[:2] {
			if err := part.Start(ctx); err != nil {
				return nil, nil, err
			}
		}
		client := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", replica.Port)})
		defer client.Close()
		if err := client.ReplicaOf(ctx, "127.0.0.1", strconv.Itoa(master.Port)).Err(); err != nil {
			return nil, nil, err
		}
		if err := sentinel.Start(ctx); err != nil {
			return nil, nil, err
		}
		s.URL = "redis+sentinel://" + sentinel.URL + "/parley"
		return nil, nil, devservices.Await(ctx, nil, func() error { return sentinelKnows(ctx, sentinel.URL) })
	}
	return s
}

// sentinelKnows fails until the sentinel has found the replica, which is synchronised.
func sentinelKnows(ctx context.Context, address string) error {
	client := redis.NewSentinelClient(&redis.Options{Addr: address})
	defer client.Close()
	replicas, err := client.Replicas(ctx, "parley").Result()
	if err != nil {
		return err
	}
	for _, r := range replicas {
		if r["master-link-status"] == "ok" && !strings.Contains(r["flags"], "down") {
			return nil
		}
	}
	return fmt.Errorf("the sentinel knows of no replica yet")
}
