package admin

import (
	"encoding/json"
	"errors"
	"net/http"

	"parley/app/status"
)

// showHealth answers 200 while the process runs.
func (s *Server) showHealth(w http.ResponseWriter, _ *http.Request) {
	s.writeJSON(w, http.StatusOK, map[string]any{"status": "alive"})
}

// showReadiness answers as the public listener's /readyz does.
func (s *Server) showReadiness(w http.ResponseWriter, r *http.Request) {
	self := s.backend.Self()
	code, state := http.StatusOK, self.State
	if state != "ready" {
		code = http.StatusServiceUnavailable
	} else if err := s.backend.Ready(r.Context()); errors.Is(err, status.ErrSchema) {
		code, state = http.StatusServiceUnavailable, err.Error()
	} else if err != nil {
		code, state = http.StatusServiceUnavailable, "no durable path"
	}
	if code != http.StatusOK {
		w.Header().Set("Retry-After", "1")
	}

	s.writeJSON(w, code, map[string]any{"status": state, "down": append([]string{}, self.Down...)})
}

func (s *Server) writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.options.Logger.Debug("response not written", "error", err)
	}
}
