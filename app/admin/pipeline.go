package admin

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"parley/app/sse/frame"
	views "parley/views/admin"
)

const (
	updateInterval = 2 * time.Second // between the figures of a stream
	writeTimeout   = 5 * time.Second // for one event, because a client may not read
	maxStreams     = 32
)

// showPipeline answers with the page, or for a program with its figures as JSON.
func (s *Server) showPipeline(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("format") == "json" || strings.Contains(r.Header.Get("Accept"), "application/json") {
		s.writeJSON(w, http.StatusOK, figuresOf(s.collector.pipeline(r.Context())))
		return
	}

	s.render(w, r, http.StatusOK, views.PipelinePage(s.page("Pipeline"), s.collector.pipeline(r.Context())))
}

// streamPipeline sends the figures at once and then every updateInterval, until the
// client disconnects or the replica ends.
func (s *Server) streamPipeline(w http.ResponseWriter, r *http.Request) {
	defer s.streams.Add(-1)

	if s.streams.Add(1) > maxStreams {
		s.fail(w, r, errTooManyStreams)
		return
	}

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	ticker := time.NewTicker(updateInterval)
	defer ticker.Stop()

	for {
		if err := s.sendFigures(r.Context(), w); err != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
}

func (s *Server) sendFigures(ctx context.Context, w http.ResponseWriter) error {
	var page bytes.Buffer
	if err := views.PipelineEvent(s.collector.pipeline(ctx)).Render(ctx, &page); err != nil {
		return err
	}

	c := http.NewResponseController(w)
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if _, err := w.Write(frame.Event("pipeline", page.Bytes())); err != nil {
		return err
	}

	return c.Flush()
}
