package redis

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// checkTimeout limits Check, which also works on a slow network.
const checkTimeout = 2 * time.Second

// Check connects to Redis once and returns an error for operators, without the password.
// It changes nothing.
func Check(ctx context.Context, address string) error {
	client, err := NewClient(address)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()

	if err := client.Ping(ctx).Err(); err != nil {
		return explain(err)
	}
	if _, single := client.(*redis.Client); single && !strings.Contains(address, "+") {
		info, err := client.Info(ctx, "cluster").Result()
		if err == nil && strings.Contains(info, "cluster_enabled:1") {
			return errors.New("that Redis is a node of a cluster: " +
				"write redis+cluster://host1:6379,host2:6379 in REDIS_URL")
		}
	}

	// The embedded Redis and many hosted ones do not support CONFIG.
	config, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err == nil && strings.HasPrefix(config["maxmemory-policy"], "allkeys-") {
		return errors.New("that Redis evicts keys of any kind when it is full: " +
			"set its maxmemory-policy to noeviction")
	}
	return nil
}

func explain(err error) error {
	switch {
	case redis.HasErrorPrefix(err, "WRONGPASS"),
		redis.HasErrorPrefix(err, "NOAUTH"),
		redis.HasErrorPrefix(err, "ERR AUTH"):
		return errors.New("the server refuses the user or the password of REDIS_URL")
	case redis.HasErrorPrefix(err, ""):
		return errors.New("the server of REDIS_URL rejects a PING: " + err.Error())
	}
	return errors.New("no Redis answers there: check the host and the port of REDIS_URL, " +
		"redis or rediss (TLS), and whether it runs")
}
