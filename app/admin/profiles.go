package admin

import (
	"net/http"
	"net/http/pprof" // #nosec G108 -- nothing serves the mux that its init registers at
)

// profiles serves Go's profiles: stacks and sizes, but never the contents of memory.
func profiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
