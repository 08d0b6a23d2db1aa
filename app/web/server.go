package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/limit"
	"parley/app/picture"
	"parley/app/safehttp"
	"parley/static"
)

// Streams holds the open event streams (sse.Hub).
type Streams interface {
	// Reserve admits a stream, or returns the error that rejects it.
	Reserve(s chat.Stream) error

	// Release returns a reservation that was not attached.
	Release(s chat.Stream)

	// Attach takes over the connection of a reserved stream, whose head is written.
	Attach(conn net.Conn, s chat.Stream)
}

// Health reports the state of the dependencies.
type Health interface {
	// Ready returns nil while a message can be made durable.
	Ready(ctx context.Context) error

	// Down returns the names of the dependencies that are down.
	Down() []string
}

// Options are the settings of a Server.
type Options struct {
	PublicURL      *url.URL       // nil: unset
	BaseURL        string         // the address that people open
	Providers      []Provider     // the providers of the sign-in page, in their order
	LocalPictures  bool           // providers' pictures may come from this machine, for tests
	DevSignIn      bool           // the development sign-in is offered to requests from this machine
	TrustedProxies []netip.Prefix // proxies whose X-Forwarded-For and X-Request-Id are believed
	ReadTimeout    time.Duration  // of one request, head and body

	RateLimits limit.Store // shared by all replicas; nil: none
	ChangeRate limit.Rate  // of changes to an account, per person
	UploadRate limit.Rate  // of pictures, per person
	ReadRate   limit.Rate  // of the cost of pages, per person; see budget

	// ConnectionsPerAddress bounds the open connections of an address, besides streams
	// and those of trusted proxies. 0: no limit.
	ConnectionsPerAddress int

	ProbesOnly bool // only /healthz and /readyz are served

	Observer Observer     // nil: none
	Audit    *slog.Logger // of audit lines; nil: the server's

	// TraceOf returns the ID of a message's trace, or "". nil: there are no traces.
	TraceOf func(ctx context.Context, message uuid.UUID) string
}

// Server answers one replica's requests.
type Server struct {
	app      *fiber.App
	messages *chat.Messages
	people   *chat.People
	accounts *chat.Accounts
	streams  Streams
	health   Health
	files    *static.Files
	options  Options
	logger   *slog.Logger
	cookie   string // the name of the session cookie

	table []route
	early []*route // see earlyRoutes

	draining     atomic.Bool
	delayedSheds atomic.Int64

	providers     []*provider
	pictureClient *safehttp.Client
	fetches       chan struct{} // semaphore of picture downloads

	budgets     budgets
	connections *limit.Shares[netip.Prefix] // but streams, by peer
	bodies      *limit.Shares[netip.Prefix] // bytes of requests, by client
	uploads     *limit.Shares[uuid.UUID]    // bodies above formBody, by person
	answers     *limit.Shares[uuid.UUID]    // bytes of answers that are not written yet, by person

	tasks sync.WaitGroup
	ended context.Context // of background tasks
	end   context.CancelFunc
}

const (
	maxHeader   = 16 << 10 // bytes; fits a cookie of 4 KB and a long Accept-Language
	idleTimeout = 75 * time.Second
)

// New returns a server that Serve starts.
func New(
	messages *chat.Messages,
	people *chat.People,
	accounts *chat.Accounts,
	streams Streams,
	health Health,
	files *static.Files,
	o Options,
	logger *slog.Logger,
) *Server {
	if o.Observer == nil {
		o.Observer = noObserver{}
	}
	if o.Audit == nil {
		o.Audit = logger
	}
	if o.TraceOf == nil {
		o.TraceOf = func(context.Context, uuid.UUID) string { return "" }
	}

	s := &Server{
		messages:      messages,
		people:        people,
		accounts:      accounts,
		streams:       streams,
		health:        health,
		files:         files,
		options:       o,
		logger:        logger,
		cookie:        "parley",
		pictureClient: safehttp.New(safehttp.Options{MaxBytes: picture.MaxBytes, AllowLoopback: o.LocalPictures}),
		fetches:       make(chan struct{}, maxFetches),
		budgets:       newBudgets(o),
		connections:   limit.NewShares[netip.Prefix](o.ConnectionsPerAddress, 0),
		bodies:        limit.NewShares[netip.Prefix](maxBodyBytesPerNetwork, maxBodyBytes),
		uploads:       limit.NewShares[uuid.UUID](maxUploadsPerPerson, 0),
		answers:       limit.NewShares[uuid.UUID](maxUnsentPerPerson, maxUnsent),
	}

	s.ended, s.end = context.WithCancel(context.Background())
	if s.secure() {
		s.cookie = "__Host-parley"
	}

	s.app = fiber.New(fiber.Config{
		DisableStartupMessage:   true,
		ReadBufferSize:          maxHeader,
		StreamRequestBody:       true,
		BodyLimit:               prefetchedBody,
		ReadTimeout:             o.ReadTimeout,
		IdleTimeout:             idleTimeout,
		ErrorHandler:            s.fail,
		EnableTrustedProxyCheck: true, // Fiber trusts no proxy: clientAddr reads the headers
	})
	s.app.Server().KeepHijackedConns = true     // a stream's connection outlives its handler: the hub owns it
	s.app.Server().SecureErrorLogMessage = true // without it, errors quote the request with its cookies
	s.secureServer()
	for _, p := range o.Providers {
		s.providers = append(s.providers, newProvider(p, o.BaseURL, logger, s.goBackground))
	}

	s.register()
	return s
}

// Serve answers requests on l until Shutdown. The providers' discovery begins at once, in
// the background.
func (s *Server) Serve(l net.Listener) error {
	for _, p := range s.providers {
		p.start()
	}
	return s.app.Listener(&listener{
		Listener:   l,
		perNetwork: s.connections,
		isExempt:   s.isTrustedProxy,
		logger:     s.logger,
	})
}

// Drain makes /readyz answer 503, so that a load balancer uses other replicas.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown lets requests in flight finish until ctx ends, then ends background tasks.
// The hub closes the streams.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.app.ShutdownWithContext(ctx)
	s.end()
	s.tasks.Wait()
	return err
}

// goBackground runs a task whose context ends with the server.
func (s *Server) goBackground(task func(ctx context.Context)) {
	s.tasks.Add(1)
	go func() {
		defer s.tasks.Done()
		defer func() {
			if r := recover(); r != nil {
				s.logger.Error("panic in a background task", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			}
		}()
		task(s.ended)
	}()
}

// secure reports whether people use https.
func (s *Server) secure() bool {
	return s.options.PublicURL != nil && s.options.PublicURL.Scheme == "https"
}
