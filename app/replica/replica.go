// Package replica wires one replica out of the adapters, which don't import each
// other.
package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/limit"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/sse"
	"parley/app/telemetry"
	"parley/app/web"
	"parley/static"
)

// Addresses are where the parts answer, embedded or not.
type Addresses struct {
	DatabaseURL  string
	RedisURL     string
	KafkaBrokers string
	Suffix       string // of topics, group and presence, for tests that share a broker and a Redis
}

// Node is one replica.
type Replica struct {
	cfg          config.Config
	Logger       *slog.Logger
	store        *postgres.Store
	Redis        goredis.UniversalClient
	Bus          *redis.Bus
	observer     *Observer
	Presence     *redis.Presence
	authority    *redis.AccessCache
	subs         *redis.Subscriptions
	Hub          *sse.Hub
	Service      *chat.Service
	Producer     *kafka.Producer
	consumer     *kafka.Consumer
	rows         *postgres.Writer
	Server       *web.Server
	KafkaOptions kafka.Options
	schema       chan struct{} // closed when the schema is up to date
	topics       chan struct{} // closed when the topics are there
	down         downs
	replicas     *redis.ReplicaRegistry
	files        *static.Files
	operators    operators
	Name         string // host:port
	metrics      *telemetry.Metrics
	Traces       *telemetry.Traces // nil: off
	TraceStore   *redis.TraceStore
}

// New makes a replica without waiting for any part: it starts with any one of them down.
func New(cfg config.Config, at Addresses, logger *slog.Logger) (*Replica, error) {
	n := &Replica{cfg: cfg, Logger: logger, schema: make(chan struct{}), topics: make(chan struct{}), Name: nameOf(cfg)}
	n.KafkaOptions = KafkaOptions(cfg, at)
	n.KafkaOptions.Replica = n.Name
	files, err := static.New()
	if cfg.StaticDir != "" {
		files, err = static.NewFromDir(cfg.StaticDir)
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
	n.KafkaOptions.BeforeRecreate = func(ctx context.Context) error { return redis.ClearStoredMarks(ctx, n.Redis) }
	if n.Producer, err = kafka.NewProducer(n.KafkaOptions, logger.With("pkg", "kafka")); err != nil {
		return nil, err
	}
	n.wire(files, at.Suffix)
	return n, n.observe()
}

func (n *Replica) wire(files *static.Files, suffix string) {
	n.observer = &Observer{Logger: n.Logger.With("pkg", "replica")}
	n.Bus = redis.NewBus(n.Redis, n.Logger.With("pkg", "redis"), redis.BusOptions{
		Relay:    n.store,
		Observer: n.observer,
		OnDown:   n.redisMode,
	})
	n.authority = redis.NewAccessCache(n.Bus, "authority"+suffix, n.Logger.With("pkg", "redis"))
	presence := redis.DefaultPresence()
	presence.KeyPrefix += suffix
	n.Presence = redis.NewPresence(n.Bus, presence, n.Logger.With("pkg", "redis"))
	n.Service = chat.NewService(n.store, n.Producer, n.Bus, n.Presence, n.authority, redis.NewRateLimitStore(n.Bus, "budget"+suffix), chat.Limits{
		Messages: rate(n.cfg.LimitMessages), Conversation: rate(n.cfg.LimitConversation),
		Searches: rate(n.cfg.LimitSearches), SignIns: rate(n.cfg.LimitSignIns), RequestsPerDay: n.cfg.LimitRequestsPerDay,
		SendsInFlight: n.cfg.LimitSendsInFlight, DirectWrites: n.cfg.LimitDirectWrites,
	}, n.Logger.With("pkg", "chat"), time.Now)
	n.files, n.replicas = files, redis.NewReplicaRegistry(n.Bus, "parley-replicas"+suffix)
	n.subs = redis.NewSubscriptions(n.Redis, n.Logger.With("pkg", "redis"))
	n.Hub = sse.NewHub(sse.Deps{
		Subscriptions: n.subs,
		Presence:      n.Presence,
		Renderer:      web.Frames{},
		OnInvalidate:  n.Service.Invalidate,
		Observer:      n.observer,
		Logger:        n.Logger.With("pkg", "redis"),
	}, sse.Limits{PerUser: n.cfg.LimitStreamsPerUser, PerAddress: n.cfg.LimitStreamsPerAddress})
	n.rows = n.store.NewWriter()
	n.consumer = kafka.NewConsumer(n.KafkaOptions, kafka.NewMessageWriter(kafka.WriterDeps{
		Store:         n.rows,
		Publisher:     n.Bus,
		Returner:      n.Service,
		Producer:      n.Producer,
		Observer:      n.observer,
		Logger:        n.Logger.With("pkg", "kafka"),
		RowsPerSecond: n.cfg.WriterMaxRowsPerSecond,
	}), n.Logger.With("pkg", "kafka"))
}

// newServer makes the server of people's requests. o observes each of them.
func (n *Replica) newServer(o web.Observer) *web.Server {
	return web.New(n.Service, n.Hub, n, n.files, web.Options{
		PublicURL:      n.cfg.PublicURL,
		BaseURL:        n.cfg.BaseURL(),
		Providers:      providers(n.cfg),
		LocalPictures:  n.cfg.LocalPictures == "true",
		DevSignIn:      n.cfg.MayDevSignIn(),
		TrustedProxies: n.cfg.TrustedProxies,
		ReadTimeout:    time.Duration(n.cfg.ReadTimeout) * time.Second,
		ProbesOnly:     !n.cfg.Web,
		Observer:       o,
		TraceOf:        n.traceOf,
	}, n.Logger.With("pkg", "web"))
}

// redisMode hears of Redis' going and coming.
func (n *Replica) redisMode(down bool) {
	if down && n.authority != nil {
		n.authority.MarkUnreliable()
	}
	n.refreshDown()
}

// providers are the ways to sign in. Accounts are keyed on the issuer, so that another one's people are other people.
func providers(cfg config.Config) (list []web.Provider) {
	if cfg.GoogleClientID != "" {
		list = append(list, web.Provider{Slug: "google", Name: "Google", Key: "google", Issuer: config.GoogleIssuer, ClientID: cfg.GoogleClientID, ClientSecret: cfg.GoogleClientSecret})
	}
	if cfg.OIDCIssuer != "" {
		list = append(list, web.Provider{Slug: "oidc", Name: cfg.OIDCName, Key: cfg.OIDCIssuer, Issuer: cfg.OIDCIssuer, ClientID: cfg.OIDCClientID, ClientSecret: cfg.OIDCClientSecret})
	}
	return list
}

func rate(r config.Rate) limit.Rate { return limit.Rate{Burst: r.Burst, PerSecond: r.PerSecond} }

// How long a start waits for the parts before it serves without some of them, and how long an end may take.
const (
	patience   = 10 * time.Second
	drainOver  = 700 * time.Millisecond
	endTimeout = 4 * time.Second
)

// Run serves on l until ctx ends, then drains. ready is called once, when the replica answers.
func (n *Replica) Run(ctx context.Context, l net.Listener, ready func()) error {
	// The bus outlives the tasks, which publish until they end.
	busContext, stopBus := context.WithCancel(context.Background())
	var bus sync.WaitGroup
	bus.Go(func() { _ = n.Bus.Run(busContext) })

	background, stop := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	run := func(f func(ctx context.Context)) {
		tasks.Add(1)
		go func() { defer tasks.Done(); f(background) }()
	}
	run(func(ctx context.Context) { _ = n.Producer.Run(ctx) })
	run(n.tellFigures)
	run(n.serveOperators)
	run(n.migrate)
	run(n.ensureTopics)
	run(func(ctx context.Context) { _ = n.subs.Run(ctx, n.Hub) })
	run(func(ctx context.Context) { _ = n.Hub.Run(ctx) })
	run(n.watchLag)
	run(func(ctx context.Context) { _ = n.TraceStore.Run(ctx) })
	if n.cfg.Writer {
		run(n.write)
	}
	if n.cfg.Web {
		run(func(ctx context.Context) { _ = n.Presence.Run(ctx, n.Service) })
		run(n.hearHints)
		run(n.watchSessions)
		run(n.watchPressure)
	}
	n.awaitParts(ctx)
	n.lookFirst()
	run(n.watch)

	served := make(chan error, 1)
	go func() { served <- n.Server.Serve(l) }()
	n.operators.state.Store("ready")
	ready()
	debug.FreeOSMemory() // what the start needed, compressing files above all, is not needed again
	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	return errors.Join(err, within(leaveTimeout, n.Logger, func() error {
		n.drain()
		stop()
		tasks.Wait()
		return n.close(func() { stopBus(); bus.Wait() })
	}))
}

// close ends what the tasks used.
func (n *Replica) close(stopBus func()) error {
	n.WriteSeen(context.Background())
	n.Producer.Close()
	n.closeTraces()
	stopBus()
	n.rows.Close()
	n.store.Close()
	return n.Redis.Close()
}

// drain stops being ready, sends the streams elsewhere, and lets posts finish.
func (n *Replica) drain() {
	n.Logger.Info("draining", "streams", n.Hub.Count())
	n.operators.state.Store("draining")
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	_ = n.replicas.Publish(ctx, (&operated{n}).Self())
	n.Server.Drain()
	n.Hub.Drain(ctx, drainOver)
	if err := n.Server.Shutdown(ctx); err != nil {
		n.Logger.Warn("requests cut off", "error", err)
	}
}

// migrate brings the schema up to date, trying until the database is there.
func (n *Replica) migrate(ctx context.Context) {
	n.insist(ctx, "migrations", n.schema, func() error {
		done, err := n.store.Migrate(ctx)
		if err == nil && done > 0 {
			n.Logger.Info("schema migrated", "migrations", done)
		}
		if newer := n.store.CheckSchema(ctx); errors.Is(newer, postgres.ErrNewerSchema) {
			n.Logger.Warn("it serves all the same", "error", newer)
		}
		return err
	})
}

func (n *Replica) ensureTopics(ctx context.Context) {
	n.insist(ctx, "topics", n.topics, func() error { return kafka.EnsureTopics(ctx, n.KafkaOptions, n.Logger) })
}

// write runs the writer once the schema and the topic are there, again if it fails.
func (n *Replica) write(ctx context.Context) {
	for _, needed := range []chan struct{}{n.schema, n.topics} {
		select {
		case <-needed:
		case <-ctx.Done():
			return
		}
	}
	n.insist(ctx, "writer", nil, func() error { return n.consumer.Run(ctx) })
}

// insist tries until it succeeds or ctx ends.
func (n *Replica) insist(ctx context.Context, what string, done chan struct{}, try func() error) {
	for wait := 200 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 5*time.Second) {
		err := try()
		if err == nil {
			if done != nil {
				close(done)
			}
			return
		}
		n.Logger.Warn("trying again", "what", what, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// awaitParts gives the parts a moment, so that the first request finds all of them; one that is down doesn't stop the start.
func (n *Replica) awaitParts(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, needed := range []chan struct{}{n.schema, n.topics} {
		select {
		case <-needed:
		case <-ctx.Done():
		}
	}
	for ctx.Err() == nil && !n.Producer.Up() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// Listen opens the replica's port; a taken one is an error that names the next free one.
func Listen(cfg config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.Address())
	if err == nil {
		return l, nil
	}
	for port := cfg.Port + 1; port < cfg.Port+100; port++ {
		next, other := net.Listen("tcp", net.JoinHostPort(cfg.Host, fmt.Sprint(port)))
		if other == nil {
			next.Close()
			return nil, fmt.Errorf("port %d is taken (%w): write PORT=%d, which is free", cfg.Port, err, port)
		}
	}
	return nil, err
}

// Logger is made as the settings say.
func Logger(cfg config.Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(telemetry.RequestHandler{Handler: slog.NewJSONHandler(w, options)})
	}
	return slog.New(telemetry.RequestHandler{Handler: slog.NewTextHandler(w, options)})
}
