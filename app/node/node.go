// Package node wires one replica out of the rooms, which don't know each other.
package node

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

	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/live"
	"parley/app/messagelog"
	"parley/app/ops"
	"parley/app/store"
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
type Node struct {
	cfg       config.Config
	logger    *slog.Logger
	store     *store.Store
	redis     redis.UniversalClient
	bus       *live.Bus
	presence  *live.Presence
	authority *live.Authority
	subs      *live.Subscriptions
	hub       *live.Hub
	service   *chat.Service
	producer  *messagelog.Producer
	writer    *messagelog.Writer
	rows      *store.Writer
	server    *web.Server
	log       messagelog.Options
	schema    chan struct{} // closed when the schema is up to date
	topics    chan struct{} // closed when the topics are there
	down      downs
	replicas  *live.Replicas
	files     *static.Files
	operators operators
	name      string // host:port
	metrics   *ops.Metrics
	traces    *ops.Traces // nil: off
	notes     *live.Notes
}

// New makes a replica without waiting for any part: it starts with any one of them down.
func New(cfg config.Config, at Addresses, logger *slog.Logger) (*Node, error) {
	n := &Node{cfg: cfg, logger: logger, schema: make(chan struct{}), topics: make(chan struct{}), name: nameOf(cfg)}
	n.log = LogOptions(cfg, at)
	n.log.Replica = n.name
	files, err := static.New()
	if cfg.StaticDir != "" {
		files, err = static.NewFromDir(cfg.StaticDir)
	}
	if err != nil {
		return nil, err
	}
	if n.store, err = store.OpenWith(StoreOptions(cfg, at)); err != nil {
		return nil, err
	}
	if n.redis, err = live.NewClient(at.RedisURL); err != nil {
		return nil, err
	}
	if n.producer, err = messagelog.NewProducer(n.log, logger.With("room", "messagelog")); err != nil {
		return nil, err
	}
	n.wire(files, at.Suffix)
	return n, n.observe()
}

func (n *Node) wire(files *static.Files, suffix string) {
	n.bus = live.NewBus(n.redis, n.store, n.logger.With("room", "live"), n.redisMode)
	n.producer.OnAnew(func(ctx context.Context) error { return live.ForgetStored(ctx, n.redis) })
	n.authority = live.NewAuthority(n.bus, "authority"+suffix, n.logger.With("room", "live"))
	presence := live.DefaultPresence()
	presence.Name += suffix
	n.presence = live.NewPresence(n.bus, presence, n.logger.With("room", "live"))
	n.service = chat.NewService(n.store, n.producer, n.bus, n.presence, n.authority, live.NewLedger(n.bus, "budget"+suffix), chat.Limits{
		Messages: limit(n.cfg.LimitMessages), Conversation: limit(n.cfg.LimitConversation),
		Searches: limit(n.cfg.LimitSearches), SignIns: limit(n.cfg.LimitSignIns), RequestsPerDay: n.cfg.LimitRequestsPerDay,
		SendsInFlight: n.cfg.LimitSendsInFlight, DirectWrites: n.cfg.LimitDirectWrites,
	}, n.logger.With("room", "chat"), time.Now)
	n.files, n.replicas = files, live.NewReplicas(n.bus, "parley-replicas"+suffix)
	n.subs = live.NewSubscriptions(n.redis, n.logger.With("room", "live"))
	n.hub = live.NewHub(n.subs, n.presence, web.Frames{}, live.Limits{PerUser: n.cfg.LimitStreamsPerUser, PerAddress: n.cfg.LimitStreamsPerAddress},
		n.logger.With("room", "live"), n.service.Invalidate)
	n.rows = n.store.NewWriter()
	n.writer = messagelog.NewWriter(n.log, n.rows, n.bus, n.service, n.producer, n.cfg.WriterMaxRowsPerSecond, n.logger.With("room", "writer"))
	n.server = web.New(n.service, n.hub, n, files, web.Options{
		PublicURL: n.cfg.PublicURL, BaseURL: n.cfg.BaseURL(), Providers: providers(n.cfg), LocalPictures: n.cfg.LocalPictures == "true",
		DevSignIn: n.cfg.MayDevSignIn(), TrustedProxies: n.cfg.TrustedProxies,
		ReadTimeout: time.Duration(n.cfg.ReadTimeout) * time.Second, ProbesOnly: !n.cfg.Web,
	}, n.logger.With("room", "web"))
}

// redisMode hears of Redis' going and coming.
func (n *Node) redisMode(down bool) {
	if down && n.authority != nil {
		n.authority.Doubt()
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

func limit(r config.Rate) chat.Limit { return chat.Limit{Burst: r.Burst, PerSecond: r.PerSecond} }

// How long a start waits for the parts before it serves without some of them, and how long an end may take.
const (
	patience  = 10 * time.Second
	drainOver = 700 * time.Millisecond
	endWithin = 4 * time.Second
)

// Run serves on l until ctx ends, then drains. ready is called once, when the replica answers.
func (n *Node) Run(ctx context.Context, l net.Listener, ready func()) error {
	background, stop := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	run := func(f func(ctx context.Context)) {
		tasks.Add(1)
		go func() { defer tasks.Done(); f(background) }()
	}
	run(n.tellFigures)
	run(n.serveOperators)
	run(n.migrate)
	run(n.ensureTopics)
	run(func(ctx context.Context) { n.subs.Run(ctx, n.hub) })
	run(n.hub.Run)
	run(n.watchLag)
	run(n.notes.Run)
	if n.cfg.Writer {
		run(n.write)
	}
	if n.cfg.Web {
		run(func(ctx context.Context) { n.presence.Run(ctx, n.service) })
		run(n.hearHints)
		run(n.watchSessions)
		run(n.watchPressure)
	}
	n.awaitParts(ctx)
	n.lookFirst()
	run(n.watch)

	served := make(chan error, 1)
	go func() { served <- n.server.Serve(l) }()
	n.operators.state.Store("ready")
	ready()
	debug.FreeOSMemory() // what the start needed, compressing files above all, is not needed again
	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	return errors.Join(err, within(leaveWithin, n.logger, func() error {
		n.drain()
		stop()
		tasks.Wait()
		return n.close()
	}))
}

// close ends what the tasks used.
func (n *Node) close() error {
	n.writeSeen(context.Background())
	n.producer.Close()
	n.closeTraces()
	n.bus.Close()
	n.rows.Close()
	n.store.Close()
	return n.redis.Close()
}

// drain stops being ready, sends the streams elsewhere, and lets posts finish.
func (n *Node) drain() {
	n.logger.Info("draining", "streams", n.hub.Count())
	n.operators.state.Store("draining")
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	_ = n.replicas.Tell(ctx, (&operated{n}).Self())
	n.server.Drain()
	n.hub.Drain(ctx, drainOver)
	if err := n.server.Shutdown(ctx); err != nil {
		n.logger.Warn("requests cut off", "error", err)
	}
}

// migrate brings the schema up to date, trying until the database is there.
func (n *Node) migrate(ctx context.Context) {
	n.insist(ctx, "migrations", n.schema, func() error {
		done, err := n.store.Migrate(ctx)
		if err == nil && done > 0 {
			n.logger.Info("schema migrated", "migrations", done)
		}
		if newer := n.store.CheckSchema(ctx); errors.Is(newer, store.ErrNewerSchema) {
			n.logger.Warn("it serves all the same", "error", newer)
		}
		return err
	})
}

func (n *Node) ensureTopics(ctx context.Context) {
	n.insist(ctx, "topics", n.topics, func() error { return messagelog.EnsureTopics(ctx, n.log, n.logger) })
}

// write runs the writer once the schema and the topic are there, again if it fails.
func (n *Node) write(ctx context.Context) {
	for _, needed := range []chan struct{}{n.schema, n.topics} {
		select {
		case <-needed:
		case <-ctx.Done():
			return
		}
	}
	n.insist(ctx, "writer", nil, func() error { return n.writer.Run(ctx) })
}

// insist tries until it succeeds or ctx ends.
func (n *Node) insist(ctx context.Context, what string, done chan struct{}, try func() error) {
	for wait := 200 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 5*time.Second) {
		err := try()
		if err == nil {
			if done != nil {
				close(done)
			}
			return
		}
		n.logger.Warn("trying again", "what", what, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// awaitParts gives the parts a moment, so that the first request finds all of them; one that is down doesn't stop the start.
func (n *Node) awaitParts(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, needed := range []chan struct{}{n.schema, n.topics} {
		select {
		case <-needed:
		case <-ctx.Done():
		}
	}
	for ctx.Err() == nil && !n.producer.Up() {
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
		return slog.New(requests{slog.NewJSONHandler(w, options)})
	}
	return slog.New(requests{slog.NewTextHandler(w, options)})
}
