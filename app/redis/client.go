package redis

import (
	"context"
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

// callTimeout bounds every call; a fault here must not slow what doesn't need it.
const callTimeout = 300 * time.Millisecond

// reloadInterval is how old a client's picture of a cluster may be: a master that died without a word is noticed by nobody's MOVED.
const reloadInterval = 2 * time.Second

// NewClient opens Redis by url, without waiting for it: it fails fast and never retries by itself.
//
//	redis://user:password@host:6379/0                       one server
//	redis+cluster://user:password@host1:6379,host2:6379     a cluster, by some of its nodes
//	redis+sentinel://user:password@host1:26379,host2:26379/master/0?sentinel_password=…
//
// With rediss in place of redis all of it is TLS. An error shows nothing of url, which may hold a password.
func NewClient(address string) (redis.UniversalClient, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	plain, kind, _ := strings.Cut(scheme, "+")
	switch kind {
	case "":
		o, err := redis.ParseURL(address)
		if err != nil {
			return nil, errors.New("REDIS_URL can't be read: write such as redis://host:6379/0")
		}
		o.MaxRetries, o.DialerRetries = -1, 1
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = callTimeout, callTimeout, callTimeout, callTimeout
		o.ContextTimeoutEnabled = true
		return redis.NewClient(o), nil
	case "cluster":
		u, hosts, err := parseHosts(plain, rest)
		if err != nil {
			return nil, err
		}
		return newClusterClient(u, hosts), nil
	case "sentinel":
		u, hosts, err := parseHosts(plain, rest)
		if err != nil {
			return nil, err
		}
		return newSentinelClient(u, hosts)
	}
	return nil, fmt.Errorf("REDIS_URL: %q is no way to reach Redis: write redis, redis+cluster or redis+sentinel, or with rediss for TLS", kind)
}

// severalHosts reads hosts with commas between them, which no URL may have.
func parseHosts(scheme, rest string) (u *url.URL, hosts []string, err error) {
	authority, path := rest, ""
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority, path = rest[:end], rest[end:]
	}
	at := strings.LastIndex(authority, "@") + 1
	hosts = strings.Split(authority[at:], ",")
	for _, host := range hosts {
		if name, port, err := net.SplitHostPort(host); err != nil || name == "" || port == "" {
			return nil, nil, errors.New("REDIS_URL: write every node as host:port, with commas between them")
		}
	}
	if u, err = url.Parse(scheme + "://" + authority[:at] + hosts[0] + path); err != nil {
		return nil, nil, errors.New("REDIS_URL can't be read: in its password write %40 for @, %2F for /")
	}
	return u, hosts, nil
}

func newClusterClient(u *url.URL, hosts []string) redis.UniversalClient {
	o := &redis.ClusterOptions{
		Addrs: hosts, Username: u.User.Username(), TLSConfig: tlsConfig(u), MaxRetries: -1, DialerRetries: 1,
		DialTimeout: callTimeout, ReadTimeout: callTimeout, WriteTimeout: callTimeout, PoolTimeout: callTimeout, ContextTimeoutEnabled: true,
		ClusterStateReloadInterval: reloadInterval,
	}
	o.Password, _ = u.User.Password()
	return redis.NewClusterClient(o)
}

func newSentinelClient(u *url.URL, hosts []string) (redis.UniversalClient, error) {
	master, number, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if master == "" {
		return nil, errors.New("REDIS_URL: write the name that the sentinels know the master by behind them, such as /mymaster")
	}
	o := &redis.FailoverOptions{
		MasterName: master, SentinelAddrs: hosts, Username: u.User.Username(), TLSConfig: tlsConfig(u), MaxRetries: -1, DialerRetries: 1,
		SentinelUsername: u.Query().Get("sentinel_username"), SentinelPassword: u.Query().Get("sentinel_password"),
		DialTimeout: callTimeout, ReadTimeout: callTimeout, WriteTimeout: callTimeout, PoolTimeout: callTimeout, ContextTimeoutEnabled: true,
	}
	o.Password, _ = u.User.Password()
	if number != "" {
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, errors.New("REDIS_URL: what follows the master's name is the number of a database, such as /mymaster/0")
		}
		o.DB = n
	}
	return redis.NewFailoverClient(o), nil
}

// tlsOf leaves the name to be verified to the dialer, since each node has its own.
func tlsConfig(u *url.URL) *tls.Config {
	if u.Scheme != "rediss" {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// silences are answers that are as good as none: the server can't do now what it could, and another one may soon.
var unavailableReplies = []string{"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "MOVED", "ASK", "TRYAGAIN", "NOREPLICAS", "MISCONF"}

// isSilence tells an error that is Redis' being away from its refusal of a command.
func isUnavailable(err error) bool {
	if answer := redis.Error(nil); !errors.As(err, &answer) {
		return true
	}
	for _, prefix := range unavailableReplies {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// answers asks every part of Redis whether it takes what is written: one server, or each bucket of a cluster (see channels), and so each master. A
// replica that was a master until now answers a PING, and takes nothing.
func (b *Bus) writable(ctx context.Context) bool {
	ctx, cancel := b.callContext(ctx)
	defer cancel()
	_, err := b.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for bucket := range b.channels.count() {
			pipe.Set(ctx, "parley:alive"+b.channels.tag(bucket), 1, time.Minute)
		}
		return nil
	})
	reload(ctx, b.client, err)
	return err == nil
}

// reload makes a client look anew who is master of what, after a failure.
func reload(ctx context.Context, client redis.UniversalClient, err error) {
	if cluster, ok := client.(*redis.ClusterClient); ok && err != nil {
		cluster.ReloadState(ctx)
	}
}

// PoolSize is how many connections client may have at most, to each node of a cluster.
func PoolSize(client redis.UniversalClient) int {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().PoolSize
	case *redis.ClusterClient:
		return c.Options().PoolSize
	}
	return 0
}
