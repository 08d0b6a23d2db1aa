package services

import (
	"context"
	"errors"
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

// RedisSentinel is a master, its replica, and a sentinel that promotes the replica. The
// nodes are in this order. Its URL is Parley's REDIS_URL.
func RedisSentinel(dir string) *Service {
	master, replica := Redis(dir), Redis(dir)
	replica.Name = "redis-replica"
	sentinel := &Service{Name: "sentinel", dir: dir}
	sentinel.run = func(ctx context.Context, s *Service) (server, error) {
		s.URL = fmt.Sprintf("127.0.0.1:%d", s.Port)
		config := filepath.Join(dir, "sentinel.conf")
		if _, err := os.Stat(config); err != nil {
			text := fmt.Appendf(nil, sentinelConfig, s.Port, dir, master.Port)
			if err := os.WriteFile(config, text, 0o600); err != nil {
				return nil, err
			}
		}
		cmd := exec.Command("redis-server", config, "--sentinel")
		return s.exec(ctx, cmd, func() error { return pingRedis(ctx, s.URL) })
	}

	s := &Service{Name: "redis-sentinel", dir: dir, Nodes: []*Service{master, replica, sentinel}}
	s.run = func(ctx context.Context, s *Service) (server, error) {
		if err := errors.Join(master.Start(ctx), replica.Start(ctx)); err != nil {
			return nil, err
		}
		err := withRedis(fmt.Sprintf("127.0.0.1:%d", replica.Port), func(client *redis.Client) error {
			return client.ReplicaOf(ctx, "127.0.0.1", strconv.Itoa(master.Port)).Err()
		})
		if err == nil {
			err = sentinel.Start(ctx)
		}
		if err != nil {
			return nil, err
		}
		s.URL = "redis+sentinel://" + sentinel.URL + "/parley"
		return nil, devservices.Await(ctx, nil, func() error { return seesReplica(ctx, sentinel.URL) })
	}
	return s
}

// seesReplica returns an error until the sentinel sees a synchronized replica.
func seesReplica(ctx context.Context, sentinel string) error {
	client := redis.NewSentinelClient(&redis.Options{Addr: sentinel})
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
	return errors.New("the sentinel sees no replica yet")
}
