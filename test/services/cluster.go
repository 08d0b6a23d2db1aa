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

const clusterMasters = 3

// RedisCluster is one of three masters, and as many replicas of each as wanted, of which the first three parts are the masters at first. Its URL is
// Parley's REDIS_URL. A node that is killed and started again is of the same cluster, and empty.
func RedisCluster(dir string, replicas int) *Service {
	s := &Service{Name: "redis-cluster", dir: dir}
	for n := range clusterMasters * (1 + replicas) {
		node := &Service{Name: fmt.Sprintf("redis-%d", n+1), dir: dir, run: runClusterNode}
		s.Nodes = append(s.Nodes, node)
	}
	s.run = func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		return nil, nil, s.startCluster(ctx, replicas)
	}
	return s
}

func runClusterNode(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
	data := filepath.Join(s.dir, s.Name)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, nil, err
	}
	bus, err := devservices.FreePort(0)
	if err != nil {
		return nil, nil, err
	}
	s.URL = fmt.Sprintf("127.0.0.1:%d", s.Port)
	cmd := exec.Command("redis-server", "--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", data,
		"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus), "--cluster-node-timeout", "1500", "--repl-diskless-sync-delay", "0")
	return s.exec(ctx, cmd, func() error { return pingRedis(ctx, s.URL) })
}

func pingRedis(ctx context.Context, address string) error {
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
	defer client.Close()
	err := client.Ping(ctx).Err()
	if redis.IsLoadingError(err) {
		return nil // it lives, and waits for its cluster
	}
	return err
}

func (s *Service) startCluster(ctx context.Context, replicas int) error {
	var addresses []string
	for _, node := range s.Nodes {
		if node.proc == nil {
			if err := node.Start(ctx); err != nil {
				return err
			}
		}
		addresses = append(addresses, node.URL)
	}
	if s.URL == "" {
		args := append([]string{"--cluster", "create"}, addresses...)
		out, err := exec.CommandContext(ctx, "redis-cli", append(args, "--cluster-replicas", strconv.Itoa(replicas), "--cluster-yes")...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("redis-cli: %w: %s", err, out)
		}
		s.URL = "redis+cluster://" + strings.Join(addresses, ",")
	}
	return s.AwaitCluster(ctx)
}

// AwaitCluster waits until every node that runs sees the whole cluster, and every replica has its master's data.
func (s *Service) AwaitCluster(ctx context.Context) error {
	return devservices.Await(ctx, nil, func() (err error) {
		for _, node := range s.Nodes {
			if node.proc != nil {
				err = errors.Join(err, wholeCluster(ctx, node.URL, len(s.Nodes)))
			}
		}
		return err
	})
}

func wholeCluster(ctx context.Context, address string, nodes int) error {
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
	defer client.Close()
	info, err := client.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	replication, err := client.Info(ctx, "replication").Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", nodes)) || strings.Contains(replication, "master_link_status:down") {
		return fmt.Errorf("%s isn't in the whole cluster yet", address)
	}
	return nil
}

// MasterOf names the part that is the master of a key now, as the others see it.
func (s *Service) Master(ctx context.Context, key string) (*Service, error) {
	var addresses []string
	for _, node := range s.Nodes {
		addresses = append(addresses, node.URL)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses})
	defer client.Close()
	master, err := client.MasterForKey(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, node := range s.Nodes {
		if node.URL == master.Options().Addr {
			return node, nil
		}
	}
	return nil, fmt.Errorf("the master of %s is none of ours: %s", key, master.Options().Addr)
}
