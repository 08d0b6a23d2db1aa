package admin

import (
	"encoding/json"
	"net/http"
)

// showHealth says that the process lives.
func (s *Server) showHealth(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, http.StatusOK, map[string]any{"status": "alive"})
}

// showReadiness says the same as the public listener does.
func (s *Server) showReadiness(w http.ResponseWriter, r *http.Request) {
	self := s.parts.Self()
	status, word := http.StatusOK, self.State
	if word != "ready" {
		status = http.StatusServiceUnavailable
	} else if s.parts.Ready(r.Context()) != nil {
		status, word = http.StatusServiceUnavailable, "no durable path"
	}
	if status != http.StatusOK {
		w.Header().Set("Retry-After", "1")
	}
	s.answer(w, status, map[string]any{"status": word, "down": append([]string{}, self.Down...)})
}

func (s *Server) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.options.Logger.Debug("answer not written", "error", err)
	}
}
