package redis

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Check asks the Redis of address once, and says in words what is wrong with it, without the password. It changes nothing.
func Check(ctx context.Context, address string) error {
	client, err := NewClient(address)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		return explain(err)
	}
	if _, one := client.(*redis.Client); one {
		if info, err := client.Info(ctx, "cluster").Result(); err == nil && strings.Contains(info, "cluster_enabled:1") && !strings.Contains(address, "+") {
			return errors.New("that Redis is a node of a cluster: write redis+cluster://host1:6379,host2:6379 in REDIS_URL")
		}
	}
	// The embedded one and many services know no CONFIG.
	if policy, err := client.ConfigGet(ctx, "maxmemory-policy").Result(); err == nil && strings.HasPrefix(policy["maxmemory-policy"], "allkeys-") {
		return errors.New("that Redis throws away keys of any kind when it is full: set its maxmemory-policy to noeviction")
	}
	return nil
}

func explain(err error) error {
	switch {
	case redis.HasErrorPrefix(err, "WRONGPASS"), redis.HasErrorPrefix(err, "NOAUTH"), redis.HasErrorPrefix(err, "ERR AUTH"):
		return errors.New("the server refuses the user or the password of REDIS_URL")
	case redis.HasErrorPrefix(err, ""):
		return errors.New("what answers at REDIS_URL refuses a PING: " + err.Error())
	}
	return errors.New("no Redis answers there: look at the host and the port of REDIS_URL, at redis or rediss (TLS), and whether it runs")
}
