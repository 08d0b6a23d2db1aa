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

// Options are what a server needs beside the parts.
type Options struct {
	Metrics  http.Handler        // nil: none
	Static   http.Handler        // of the addresses that Asset answers
	Asset    func(string) string // the address of a static file
	Headers  [][2]string         // of every answer
	Hosts    []string            // under which the pages may be asked for, beside this machine's own; see guard
	Remote   bool                // other machines may ask
	ShowText bool
	Logger   *slog.Logger
}

// Server is the operators' listener of one replica.
type Server struct {
	parts     Backend
	options   Options
	collector *collector
	http      *http.Server
	stop      context.CancelFunc // ends the streams
	streams   atomic.Int32
}

// New listens to nothing yet.
func New(parts Backend, o Options) *Server {
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{parts: parts, options: o, collector: newCollector(parts, o.ShowText), stop: stop}
	s.http = &http.Server{
		Handler: s.guard(s.routes()), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
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
	mux.Handle("GET /static/", s.options.Static)
	mux.HandleFunc("GET /pipeline", s.showPipeline)
	mux.HandleFunc("GET /pipeline/events", s.streamPipeline)
	mux.HandleFunc("GET /pipeline/letters/{id}", s.showLetter)
	mux.HandleFunc("POST /pipeline/letters/{id}/{how}", s.settleLetter)
	mux.HandleFunc("GET /pipeline/messages", s.findMessage)
	mux.HandleFunc("GET /pipeline/messages/{id}", s.showMessage)
	mux.HandleFunc("GET /pipeline/tables", s.showTables)
	mux.HandleFunc("GET /pipeline/tables/{name}", s.showTable)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNoPage) })
	return mux
}

// Serve answers on l until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown ends the streams, and waits for answers under way until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	return s.http.Shutdown(ctx)
}

func (s *Server) page(title string) layout.Page {
	return layout.Page{Title: title + " · Parley", Asset: s.options.Asset}
}

func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	templ.Handler(c, templ.WithStatus(status), templ.WithErrorHandler(func(_ *http.Request, err error) http.Handler {
		s.options.Logger.Error("page not rendered", "error", err)
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	})).ServeHTTP(w, r)
}
