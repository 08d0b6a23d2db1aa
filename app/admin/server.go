// Package admin serves the operators' pages, the metrics and the health checks of
// one replica, through net/http and on a listener of their own that people don't
// reach.
package admin

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"

	"parley/views/layout"
)

// Options are the dependencies and settings of a Server beside its Backend.
type Options struct {
	Metrics  http.Handler        // of /metrics; nil: there is no such page
	Static   http.Handler        // of the addresses that Asset returns
	Asset    func(string) string // the address of a static file
	Headers  [][2]string         // of every response
	Hosts    []string            // names under which the pages answer, beside localhost; see guard
	Remote   bool                // other machines may send requests
	ShowText bool                // pages show the text of messages
	Logger   *slog.Logger
	Audit    *slog.Logger // of audit lines
}

// Server is the operators' listener of one replica.
type Server struct {
	backend   Backend
	options   Options
	collector *collector
	http      *http.Server
	stop      context.CancelFunc // ends the streams
	streams   atomic.Int32
}

// New returns a server that doesn't listen yet; see Serve.
func New(backend Backend, o Options) *Server {
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		backend:   backend,
		options:   o,
		collector: newCollector(backend, o.ShowText),
		stop:      stop,
	}

	s.http = &http.Server{
		Handler:           s.guard(s.routes()),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn),
	}

	return s
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/pipeline", http.StatusSeeOther))
	mux.HandleFunc("GET /healthz", s.showHealth)
	mux.HandleFunc("GET /readyz", s.showReadiness)
	if s.options.Metrics != nil {
		mux.Handle("GET /metrics", s.options.Metrics)
	}

	profiles(mux)
	mux.Handle("GET /static/", s.options.Static)
	mux.HandleFunc("GET /pipeline", s.showPipeline)
	mux.HandleFunc("GET /pipeline/events", s.streamPipeline)
	mux.HandleFunc("GET /pipeline/letters/{id}", s.showDeadLetter)
	mux.HandleFunc("POST /pipeline/letters/{id}/{resolution}", s.resolveDeadLetter)
	mux.HandleFunc("GET /pipeline/messages", s.findMessage)
	mux.HandleFunc("GET /pipeline/messages/{id}", s.showMessageTrace)
	mux.HandleFunc("GET /pipeline/tables", s.showTables)
	mux.HandleFunc("GET /pipeline/tables/{name}", s.showTable)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNoPage) })
	return mux
}

// Serve answers requests on l until Shutdown. It returns nil after Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown ends the streams and waits for other requests until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	return s.http.Shutdown(ctx)
}

func (s *Server) page(title string) layout.Page {
	return layout.Page{Title: title + " · Parley", Asset: s.options.Asset}
}

func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	onError := func(_ *http.Request, err error) http.Handler {
		s.options.Logger.Error("page not rendered", "error", err)
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		})
	}
	templ.Handler(c, templ.WithStatus(status), templ.WithErrorHandler(onError)).ServeHTTP(w, r)
}
