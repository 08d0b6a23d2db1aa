package replica

import (
	"net"
	"os"
	"strconv"
	"time"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/kafka"
	"parley/app/limit"
	"parley/app/redis"
	"parley/app/sse"
	"parley/app/web"
)

// wire makes the adapters and the domain, and connects them. suffix is that of the
// Redis keys.
func (n *Replica) wire(suffix string) {
	n.wireRedis(suffix)
	n.wireChat(suffix)
	n.wireStreams()
	n.wireWriter()
	n.wireWeb(suffix)
}

func (n *Replica) wireRedis(suffix string) {
	logger := n.logger("redis")
	redis.SetLogger(logger)
	n.Bus = redis.NewBus(n.Redis, logger, redis.BusOptions{
		Relay:    n.store,
		Observer: n.observer,
		OnDown:   n.redisChanged,
	})

	n.TraceStore = redis.NewTraceStore(n.Bus, n.Name)
	n.observer.TraceStore = n.TraceStore
	n.accessCache = redis.NewAccessCache(n.Bus, "access"+suffix, logger)
	n.registry = redis.NewReplicaRegistry(n.Bus, "replicas"+suffix)
	n.subs = redis.NewSubscriptions(n.Bus, logger)

	presence := redis.DefaultPresence()
	prefix := presence.KeyPrefix + suffix
	if n.options.Presence != nil {
		presence = *n.options.Presence
	}

	presence.KeyPrefix = prefix
	n.Presence = redis.NewPresence(n.Bus, presence, logger)
}

// redisChanged is called when Redis becomes unavailable, and available again.
func (n *Replica) redisChanged(down bool) {
	if down && n.accessCache != nil {
		n.accessCache.MarkUnreliable()
	}
	n.refreshDependencies()
}

func (n *Replica) wireChat(suffix string) {
	logger := n.logger("chat")
	rateLimits := redis.NewRateLimitStore(n.Bus, "ratelimit"+suffix)
	var observer chat.Observer = n.observer
	if n.options.WrapObserver != nil {
		observer = n.options.WrapObserver(observer)
	}

	n.Access = chat.NewAccess(chat.AccessDeps{
		Store: n.store,
		Cache: n.accessCache,
		Bus:   n.Bus,
		Now:   time.Now,
	})

	n.People = chat.NewPeople(chat.PeopleDeps{
		Store:          n.store,
		Bus:            n.Bus,
		Access:         n.Access,
		Presence:       n.Presence,
		RateLimits:     rateLimits,
		SearchRate:     rate(n.cfg.LimitSearches),
		RequestsPerDay: n.cfg.LimitRequestsPerDay,
		Logger:         logger,
		Now:            time.Now,
	})

	n.Messages = chat.NewMessages(chat.MessagesDeps{
		Store:      n.store,
		Log:        n.Producer,
		Bus:        n.Bus,
		Access:     n.Access,
		Activities: n.People,
		RateLimits: rateLimits,
		Limits: chat.MessageLimits{
			PerPerson:       rate(n.cfg.LimitMessages),
			PerConversation: rate(n.cfg.LimitConversation),
			InFlight:        n.cfg.LimitSendsInFlight,
			DirectWrites:    n.cfg.LimitDirectWrites,
			GroupMembers:    n.cfg.LimitGroupMembers,
		},
		Observer: observer,
		Logger:   logger,
		Now:      time.Now,
	})

	n.Accounts = chat.NewAccounts(chat.AccountsDeps{
		Store:      n.store,
		Bus:        n.Bus,
		Access:     n.Access,
		Presence:   n.People,
		Groups:     n.Messages,
		RateLimits: rateLimits,
		SignInRate: rate(n.cfg.LimitSignIns),
		Logger:     logger,
		Now:        time.Now,
	})
}

func rate(r config.Rate) limit.Rate { return limit.Rate{Burst: r.Burst, PerSecond: r.PerSecond} }

func (n *Replica) wireStreams() {
	n.follows = newFollows(n.store, n.options.Logger)
	n.Hub = sse.NewHub(sse.Deps{
		Subscriptions: n.subs,
		Follows:       n.follows,
		Presence:      n.Presence,
		Renderer:      web.Frames{},
		OnInvalidate:  n.Access.Invalidate,
		Observer:      n.observer,
		Logger:        n.logger("sse"),
	}, sse.Limits{PerUser: n.cfg.LimitStreamsPerUser, PerAddress: n.cfg.LimitStreamsPerAddress})
	n.follows.hub = n.Hub
}

func (n *Replica) wireWriter() {
	n.rows = n.store.NewWriter()
	n.consumer = kafka.NewConsumer(n.KafkaOptions, kafka.NewMessageWriter(kafka.WriterDeps{
		Store:         n.rows,
		Publisher:     n.Bus,
		Returner:      n.Messages,
		Producer:      n.Producer,
		Observer:      n.observer,
		Logger:        n.logger("kafka"),
		RowsPerSecond: n.cfg.WriterMaxRowsPerSecond,
	}), n.logger("kafka"))
}

func (n *Replica) wireWeb(suffix string) {
	ways := providers(n.cfg)
	for _, p := range ways {
		n.Metrics.SetProviders(p.Slug)
	}
	if n.cfg.MayDevSignIn() {
		n.Metrics.SetProviders(chat.ProviderDev)
	}

	n.Server = web.New(n.Messages, n.People, n.Accounts, n.Hub, n, n.files, web.Options{
		PublicURL:      n.cfg.PublicURL,
		BaseURL:        n.cfg.BaseURL(),
		Providers:      ways,
		LocalPictures:  n.cfg.LocalPictures == "true",
		DevSignIn:      n.cfg.MayDevSignIn(),
		TrustedProxies: n.cfg.TrustedProxies,
		ReadTimeout:    time.Duration(n.cfg.ReadTimeout) * time.Second,
		ProbesOnly:     !n.cfg.Web,
		Observer:       n.observer,
		TraceOf:        n.traceOf,
		Audit:          n.logger("audit"),

		RateLimits: redis.NewRateLimitStore(n.Bus, "ratelimit"+suffix),
		ChangeRate: rate(n.cfg.LimitChanges),
		UploadRate: rate(n.cfg.LimitUploads),
		ReadRate:   rate(n.cfg.LimitReads),

		ConnectionsPerAddress: n.cfg.LimitConnections,
	}, n.logger("web"))
}

// providers returns the ways to sign in. An account belongs to an issuer, so that
// another issuer's users are other people.
func providers(cfg config.Config) (list []web.Provider) {
	if cfg.GoogleClientID != "" {
		list = append(list, web.Provider{
			Slug:         "google",
			Name:         "Google",
			Key:          "google",
			Issuer:       config.GoogleIssuer,
			ClientID:     cfg.GoogleClientID,
			ClientSecret: cfg.GoogleClientSecret,
		})
	}
	if cfg.OIDCIssuer != "" {
		list = append(list, web.Provider{
			Slug:         "oidc",
			Name:         cfg.OIDCName,
			Key:          cfg.OIDCIssuer,
			Issuer:       cfg.OIDCIssuer,
			ClientID:     cfg.OIDCClientID,
			ClientSecret: cfg.OIDCClientSecret,
		})
	}

	return list
}

// Name names a replica: this machine's name and the port, because many replicas
// listen at the same address of their own machine.
func Name(cfg config.Config) string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = cfg.Host
	}
	return net.JoinHostPort(host, strconv.Itoa(cfg.Port))
}
