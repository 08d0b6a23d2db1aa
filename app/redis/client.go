package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// callTimeout limits every call, because a fault of Redis must not delay requests that
	// can do without it.
	callTimeout = 300 * time.Millisecond
	// reloadInterval is the time between two reads of a cluster's slots. A master that dies
	// silently sends no MOVED, so errors alone do not reveal its successor.
	reloadInterval = 2 * time.Second
)

// NewClient returns a client for the given URL without connecting. Its calls fail fast
// and are not retried.
//
//	redis://user:password@host:6379/0                       one server
//	redis+cluster://user:password@host1:6379,host2:6379     a cluster, by some of its nodes
//	redis+sentinel://user:password@host1:26379,host2:26379/master/0?sentinel_password=…
//
// The schemes rediss, rediss+cluster and rediss+sentinel use TLS. Errors do not contain
// the URL, because it may hold a password.
func NewClient(address string) (redis.UniversalClient, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	scheme, topology, _ := strings.Cut(scheme, "+")
	switch topology {
	case "":
		o, err := redis.ParseURL(address)
		if err != nil {
			return nil, errors.New("REDIS_URL is not valid: write such as redis://host:6379/0")
		}
		o.MaxRetries, o.DialerRetries = -1, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = callTimeout, callTimeout, callTimeout, callTimeout
		o.ContextTimeoutEnabled = true
		return keepRefusals(redis.NewClient(o)), nil

	case "cluster":
		o, _, err := parseHosts(scheme, rest)
		if err != nil {
			return nil, err
		}
		cluster := o.Cluster()
		cluster.ClusterStateReloadInterval = reloadInterval
		return keepRefusals(redis.NewClusterClient(cluster)), nil

	case "sentinel":
		o, u, err := parseHosts(scheme, rest)
		if err == nil {
			err = parseMaster(o, u)
		}
		if err != nil {
			return nil, err
		}
		return keepRefusals(redis.NewFailoverClient(o.Failover())), nil
	}

	return nil, fmt.Errorf("REDIS_URL: unknown scheme with %q: "+
		"write redis, redis+cluster or redis+sentinel, or with rediss for TLS", topology)
}

// parseHosts reads a list of hosts, which net/url does not accept. u has the first host.
func parseHosts(scheme, rest string) (o *redis.UniversalOptions, u *url.URL, err error) {
	hostPart, path := rest, ""
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		hostPart, path = rest[:end], rest[end:]
	}
	userEnd := strings.LastIndex(hostPart, "@") + 1

	hosts := strings.Split(hostPart[userEnd:], ",")
	for _, host := range hosts {
		if name, port, err := net.SplitHostPort(host); err != nil || name == "" || port == "" {
			return nil, nil, errors.New("REDIS_URL: write every node as host:port, with commas between them")
		}
	}
	if u, err = url.Parse(scheme + "://" + hostPart[:userEnd] + hosts[0] + path); err != nil {
		return nil, nil, errors.New("REDIS_URL is not valid: in its password write %40 for @, %2F for /")
	}

	o = &redis.UniversalOptions{
		Addrs:                 hosts,
		Username:              u.User.Username(),
		MaxRetries:            -1,
		DialerRetries:         1,
		DialTimeout:           callTimeout,
		ReadTimeout:           callTimeout,
		WriteTimeout:          callTimeout,
		PoolTimeout:           callTimeout,
		ContextTimeoutEnabled: true,
	}
	o.Password, _ = u.User.Password()
	if u.Scheme == "rediss" {
		// Each node has a name of its own, which the dialer fills in for verification.
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return o, u, nil
}

// parseMaster reads the settings that only sentinels have.
func parseMaster(o *redis.UniversalOptions, u *url.URL) (err error) {
	var db string
	o.MasterName, db, _ = strings.Cut(strings.Trim(u.Path, "/"), "/")
	if o.MasterName == "" {
		return errors.New("REDIS_URL: write the sentinels' name of the master after the hosts, such as /mymaster")
	}

	o.SentinelUsername = u.Query().Get("sentinel_username")
	o.SentinelPassword = u.Query().Get("sentinel_password")
	if db == "" {
		return nil
	}
	if o.DB, err = strconv.Atoi(db); err != nil {
		return errors.New("REDIS_URL: write the number of a database after the master's name, such as /mymaster/0")
	}
	return nil
}

// PoolSize returns the maximum number of connections of client, to each node of a cluster.
func PoolSize(client redis.UniversalClient) int {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().PoolSize
	case *redis.ClusterClient:
		return c.Options().PoolSize
	}
	return 0
}
