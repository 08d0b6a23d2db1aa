package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/static"
)

// Streams holds open event streams (live.Hub).
type Streams interface {
	Reserve(s chat.Stream) error
	Release(s chat.Stream)
	Attach(conn net.Conn, s chat.Stream)
}

// Health tells how the parts are.
type Health interface {
	// Ready answers nil while some durable path works.
	Ready(ctx context.Context) error
	// Down names the components that are away.
	Down() []string
}

// Options are what the environment decides.
type Options struct {
	PublicURL      *url.URL // nil: unset
	BaseURL        string   // the address that people open
	Providers      []Provider
	LocalPictures  bool // a provider's pictures may come from this machine, for tests
	DevSignIn      bool // offered, to requests from this machine
	TrustedProxies []netip.Prefix
	ReadTimeout    time.Duration // of one request, head and body
	ProbesOnly     bool          // nobody comes here: /healthz and /readyz, and nothing else
}

// Server answers one replica's requests.
type Server struct {
	app      *fiber.App
	chat     *chat.Service
	streams  Streams
	health   Health
	files    *static.Files
	options  Options
	logger   *slog.Logger
	draining atomic.Bool
	heldBack atomic.Int64 // refused sends whose answer takes its time
	cookie   string       // the session cookie's name
	watch    Observer     // nil: nobody's
	traced   func(ctx context.Context, message uuid.UUID) string

	providers []*provider
	fetcher   *fetcher
	fetching  chan struct{} // one place for each picture on its way
	tasks     sync.WaitGroup
	ended     context.Context
	end       context.CancelFunc
}

// Bounds of a request. A cookie of 4 KB and a long Accept-Language fit into the headers.
const (
	maxHeader   = 16 << 10
	maxBody     = 64 << 10
	idleTimeout = 75 * time.Second
)

// New makes a server; Serve starts it.
func New(service *chat.Service, streams Streams, health Health, files *static.Files, o Options, logger *slog.Logger) *Server {
	s := &Server{
		chat: service, streams: streams, health: health, files: files, options: o, logger: logger,
		cookie:  "parley",
		fetcher: newFetcher(o.LocalPictures), fetching: make(chan struct{}, maxFetches),
	}
	s.ended, s.end = context.WithCancel(context.Background())
	if s.secure() {
		s.cookie = "__Host-parley"
	}
	cfg := fiber.Config{
		DisableStartupMessage: true, ReadBufferSize: maxHeader, BodyLimit: maxBody,
		ReadTimeout: o.ReadTimeout, IdleTimeout: idleTimeout, ErrorHandler: s.fail,
		EnableTrustedProxyCheck: true, DisableDefaultDate: false, ServerHeader: "",
	}
	if len(o.TrustedProxies) > 0 {
		cfg.ProxyHeader, cfg.EnableIPValidation = fiber.HeaderXForwardedFor, true
		for _, p := range o.TrustedProxies {
			cfg.TrustedProxies = append(cfg.TrustedProxies, p.String())
		}
	}
	s.app = fiber.New(cfg)
	// A stream's connection outlives its handler; the hub owns it.
	s.app.Server().KeepHijackedConns = true
	s.app.Server().HeaderReceived = s.bodyLimit
	s.app.Server().SecureErrorLogMessage = true // else an error quotes the request, cookies and all
	s.armour()
	for _, p := range o.Providers {
		s.providers = append(s.providers, newProvider(p, o.BaseURL, s.inBackground))
	}
	s.routes()
	return s
}

// Routes names every route as "METHOD /path", for a test of who may do what.
func (s *Server) Routes() []string {
	var names []string
	for _, r := range s.app.GetRoutes(true) {
		if r.Method != fiber.MethodHead || r.Path == "/events" { // elsewhere HEAD comes with GET
			names = append(names, r.Method+" "+r.Path)
		}
	}
	return names
}

// Serve answers on l until Shutdown.
func (s *Server) Serve(l net.Listener) error { return s.app.Listener(retryingListener{l}) }

// Drain makes /readyz refuse, so that a balancer sends people elsewhere.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown lets requests under way finish, until ctx ends. Streams are the hub's to close.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.app.ShutdownWithContext(ctx)
	s.end()
	s.tasks.Wait()
	return err
}

// inBackground runs a task that ends when the server does.
func (s *Server) inBackground(task func(ctx context.Context)) {
	s.tasks.Add(1)
	go func() {
		defer s.tasks.Done()
		defer func() {
			if r := recover(); r != nil {
				s.logger.Error("panic in the background", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			}
		}()
		task(s.ended)
	}()
}

func (s *Server) secure() bool {
	return s.options.PublicURL != nil && s.options.PublicURL.Scheme == "https"
}

// patient survives running out of file descriptors: Accept waits for some to come back, instead of ending the server.
type retryingListener struct{ net.Listener }

func (p retryingListener) Accept() (net.Conn, error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		conn, err := p.Listener.Accept()
		if err == nil {
			return &drainOnClose{Conn: conn}, nil
		}
		if !(errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.ENOBUFS)) {
			return conn, err
		}
		time.Sleep(wait)
	}
}
