package services

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// Redis is a redis-server without persistence.
func Redis(dir string) *Service { return RedisWith(dir) }

// RedisWith is Redis with more options of its command line.
func RedisWith(dir string, options ...string) *Service {
	return &Service{Name: "redis", dir: dir, run: func(ctx context.Context, s *Service) (server, error) {
		address := fmt.Sprintf("127.0.0.1:%d", s.Port)
		s.URL = "redis://" + address + "/0"
		return s.exec(ctx, redisServer(s.Port, s.dir, options...), func() error { return pingRedis(ctx, address) })
	}}
}

func redisServer(port int, dir string, options ...string) *exec.Cmd {
	args := []string{
		"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir,
	}
	return exec.Command("redis-server", append(args, options...)...)
}

// pingRedis succeeds also for a node that waits for its cluster.
func pingRedis(ctx context.Context, address string) error {
	return withRedis(address, func(client *redis.Client) error {
		err := client.Ping(ctx).Err()
		if redis.IsLoadingError(err) {
			return nil
		}
		return err
	})
}

// withRedis calls do with a client that doesn't retry.
func withRedis(address string, do func(*redis.Client) error) error {
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
	defer client.Close()
	return do(client)
}
