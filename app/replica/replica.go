// Package replica wires one replica out of the adapters, which don't import each
// other, and runs it.
package replica

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	goredis "github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/sse"
	"parley/app/telemetry"
	"parley/app/web"
	"parley/static"
)

// Replica is one process that serves people, stores messages, or both. New makes it,
// Run runs it once.
type Replica struct {
	Parts

	cfg     config.Config
	options Options
	files   *static.Files

	store       *postgres.Store
	rows        *postgres.Writer
	consumer    *kafka.Consumer
	accessCache *redis.AccessCache
	subs        *redis.Subscriptions
	registry    *redis.ReplicaRegistry
	follows     *follows
	observer    *telemetry.Observer

	migrated      chan struct{} // closed when the schema is up to date
	topicsCreated chan struct{} // closed when the log's topics exist
	logClaimed    chan struct{} // closed when the log is known to be this installation's own
	foreignLog    chan error    // receives why the log is not
	installation  atomic.Value  // string: the database's identity; unset: unknown
	dependencies  dependencies
	state         atomic.Value // string: stateReady or stateDraining; unset: starting
	resolving     sync.Mutex   // held while a dead letter is resolved
}

// Parts are the pieces of a replica that tests of a replica in their own process
// read and act on. Programs use New and Run alone.
type Parts struct {
	Name         string // host:port, unique among the replicas
	KafkaOptions kafka.Options

	Redis      goredis.UniversalClient
	Bus        *redis.Bus
	Presence   *redis.Presence
	TraceStore *redis.TraceStore
	Producer   *kafka.Producer
	Access     *chat.Access
	Messages   *chat.Messages
	People     *chat.People
	Accounts   *chat.Accounts
	Hub        *sse.Hub
	Server     *web.Server
	Metrics    *telemetry.Metrics
	Traces     *telemetry.Traces // nil: off
}

// Addresses are where the dependencies answer, embedded or not.
type Addresses struct {
	DatabaseURL  string
	RedisURL     string
	KafkaBrokers string
	Suffix       string // of topics, group and Redis keys, for tests that share a broker and a Redis
}

// Options are the properties of a replica that no setting has.
type Options struct {
	Logger    *slog.Logger
	Operators net.Listener // serves the operators' pages; nil: there are none
	ShowText  bool         // the operators' pages show the text of messages

	// For tests.

	WrapObserver func(chat.Observer) chat.Observer // nil: unchanged
	Presence     *redis.PresenceOptions            // nil: the defaults. New sets KeyPrefix
}

// New makes a replica without waiting for any dependency, so that a replica starts
// while some of them are down. It starts no goroutine of its own.
func New(cfg config.Config, at Addresses, options Options) (*Replica, error) {
	n := &Replica{
		cfg:           cfg,
		options:       options,
		migrated:      make(chan struct{}),
		topicsCreated: make(chan struct{}),
		logClaimed:    make(chan struct{}),
		foreignLog:    make(chan error, 1),
		dependencies:  dependencies{logger: options.Logger},
	}

	n.Name = Name(cfg)
	n.KafkaOptions = KafkaOptions(cfg, at)
	n.KafkaOptions.Replica = n.Name
	n.KafkaOptions.Installation = n.installationID
	n.KafkaOptions.BeforeRecreate = func(ctx context.Context) error { return redis.ClearStoredMarks(ctx, n.Redis) }

	err := n.observe()
	if err != nil {
		return nil, err
	}

	n.files, err = static.New()
	if cfg.StaticDir != "" {
		n.files, err = static.NewFromDir(cfg.StaticDir)
	}
	if err != nil {
		return nil, err
	}

	if n.store, err = postgres.OpenWith(PostgresOptions(cfg, at)); err != nil {
		return nil, err
	}
	if n.Redis, err = redis.NewClient(at.RedisURL); err != nil {
		return nil, err
	}
	if n.Producer, err = kafka.NewProducer(n.KafkaOptions, n.logger("kafka")); err != nil {
		return nil, err
	}

	n.wire(at.Suffix)
	return n, nil
}

// logger returns the logger of a package.
func (n *Replica) logger(pkg string) *slog.Logger { return n.options.Logger.With("pkg", pkg) }
