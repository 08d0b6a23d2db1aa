package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// checkTimeout limits Check, which also works on a slow network.
const checkTimeout = 5 * time.Second

// Check does once what Parley does with Redis, on keys of its own, which it removes. The
// error has one line per mistake, for operators, without the password.
func Check(ctx context.Context, address string) error {
	client, err := NewClient(address)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()

	if err := client.Ping(ctx).Err(); err != nil && !redis.HasErrorPrefix(err, "NOPERM") {
		return explain(err)
	}
	if err := checkTopology(ctx, client, address); err != nil {
		return err
	}

	c := channelsOf(client)
	rejected, err := try(ctx, client, c)
	if err != nil {
		return explain(err)
	}
	if len(rejected) == 0 {
		for bucket := range c.count() {
			if err := trySubscribing(ctx, client, c, bucket); err != nil {
				rejected = append(rejected, &rejection{"SUBSCRIBE", err})
				break
			}
		}
	}
	return errors.Join(append(explainAll(rejected), checkEviction(ctx, client))...)
}

// explainAll returns one error per cause, with the commands that it rejects: a read-only server
// rejects every write.
func explainAll(rejected []*rejection) (list []error) {
	var causes []string
	commands := map[string][]string{}
	for _, r := range rejected {
		cause := sentence(r.err)
		if commands[cause] == nil {
			causes = append(causes, cause)
		}
		if !slices.Contains(commands[cause], r.command) {
			commands[cause] = append(commands[cause], r.command)
		}
	}

	for _, cause := range causes {
		list = append(list, fmt.Errorf("%s (it rejects %s)", cause, strings.Join(commands[cause], ", ")))
	}
	return list
}

// checkTopology reports a node of a cluster, and a replica. A server that keeps INFO secret
// shows them by MOVED and READONLY.
func checkTopology(ctx context.Context, client redis.UniversalClient, address string) error {
	if _, single := client.(*redis.Client); !single || strings.Contains(address, "+") {
		return nil
	}

	info, err := client.Info(ctx).Result()
	switch {
	case err != nil:
		return nil
	case strings.Contains(info, "cluster_enabled:1"):
		return errors.New("that Redis is a node of a cluster: " +
			"write redis+cluster://host1:6379,host2:6379 in REDIS_URL")
	case strings.Contains(info, "role:slave"):
		return errors.New("REDIS_URL leads to a replica: write the address of its master" + masterOf(info))
	}
	return nil
}

// masterOf returns the master's address in an INFO reply, in parentheses.
func masterOf(info string) string {
	var host, port string
	for line := range strings.Lines(info) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
		case "master_host":
			host = value
		case "master_port":
			port = value
		}
	}
	if host == "" {
		return ""
	}
	return " (" + host + ":" + port + ")"
}

// checkEviction reports a policy that evicts keys. The embedded Redis and many hosted ones
// do not support CONFIG.
func checkEviction(ctx context.Context, client redis.UniversalClient) error {
	config, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if policy := config["maxmemory-policy"]; err == nil && policy != "" && policy != "noeviction" {
		return errors.New("that Redis evicts keys when it is full: " +
			"set its maxmemory-policy to noeviction (it is " + policy + ")")
	}
	return nil
}
