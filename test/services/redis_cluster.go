package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"parley/app/devservices"
)

const clusterMasters = 3

// RedisCluster is a Redis cluster of three masters with the given number of replicas
// each. Initially the first three nodes are the masters. Its URL is Parley's REDIS_URL.
// A node that is killed and started again rejoins the cluster without data.
func RedisCluster(dir string, replicas int) *Service {
	s := &Service{Name: "redis-cluster", dir: dir}
	for n := range clusterMasters * (1 + replicas) {
		node := &Service{Name: fmt.Sprintf("redis-%d", n+1), dir: dir, run: runClusterNode}
		s.Nodes = append(s.Nodes, node)
	}
	s.run = func(ctx context.Context, s *Service) (server, error) { return nil, s.startCluster(ctx, replicas) }
	return s
}

func runClusterNode(ctx context.Context, s *Service) (server, error) {
	data := filepath.Join(s.dir, s.Name)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}

	bus, err := devservices.FreePort(0)
	if err != nil {
		return nil, err
	}

	s.URL = fmt.Sprintf("127.0.0.1:%d", s.Port)
	cmd := redisServer(s.Port, data,
		"--cluster-enabled", "yes",
		"--cluster-port", strconv.Itoa(bus),
		"--cluster-node-timeout", "1500",
		"--repl-diskless-sync-delay", "0",
	)
	return s.exec(ctx, cmd, func() error { return pingRedis(ctx, s.URL) })
}

// startCluster starts the stopped nodes. The first call creates the cluster.
func (s *Service) startCluster(ctx context.Context, replicas int) error {
	for _, node := range s.Nodes {
		if node.server == nil {
			if err := node.Start(ctx); err != nil {
				return err
			}
		}
	}

	if s.URL == "" {
		args := slices.Concat([]string{"--cluster", "create"}, s.urls(),
			[]string{"--cluster-replicas", strconv.Itoa(replicas), "--cluster-yes"})
		if out, err := exec.CommandContext(ctx, "redis-cli", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("redis-cli: %w: %s", err, out)
		}
		s.URL = "redis+cluster://" + strings.Join(s.urls(), ",")
	}
	return s.AwaitCluster(ctx)
}

// AwaitCluster waits until every running node sees the whole cluster and every replica
// has its master's data.
func (s *Service) AwaitCluster(ctx context.Context) error {
	return devservices.Await(ctx, nil, func() (err error) {
		for _, node := range s.Nodes {
			if node.server != nil {
				err = errors.Join(err, seesCluster(ctx, node.URL, len(s.Nodes)))
			}
		}
		return err
	})
}

// seesCluster returns an error until a node sees all nodes and its master.
func seesCluster(ctx context.Context, address string, nodes int) error {
	return withRedis(address, func(client *redis.Client) error {
		cluster, err := client.ClusterInfo(ctx).Result()
		if err != nil {
			return err
		}
		replication, err := client.Info(ctx, "replication").Result()
		if err != nil {
			return err
		}

		whole := strings.Contains(cluster, "cluster_state:ok") &&
			strings.Contains(cluster, fmt.Sprintf("cluster_known_nodes:%d", nodes))
		if !whole || strings.Contains(replication, "master_link_status:down") {
			return fmt.Errorf("%s does not see the whole cluster yet", address)
		}
		return nil
	})
}

// Master returns the current master of a key, according to the nodes.
func (s *Service) Master(ctx context.Context, key string) (*Service, error) {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: s.urls()})
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
	return nil, fmt.Errorf("the master of %s is not a node of this cluster: %s", key, master.Options().Addr)
}
