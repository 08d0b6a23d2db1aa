package admin

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"parley/app/sse/frame"
	pages "parley/views/admin"
)

// How often a page's figures change, how long one that doesn't read is waited for, and how many may look at once.
const (
	updateInterval = 2 * time.Second
	writeTimeout   = 5 * time.Second
	mostStreams    = 32
)

func (s *Server) showPipeline(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, pages.PipelinePage(s.page("Pipeline"), s.collector.look(r.Context())))
}

// streamPipeline sends the figures now and then again and again, until its reader leaves or the replica ends.
func (s *Server) streamPipeline(w http.ResponseWriter, r *http.Request) {
	defer s.streams.Add(-1)
	if s.streams.Add(1) > mostStreams {
		s.fail(w, r, errStreams)
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
	if err := pages.PipelineEvent(s.collector.look(ctx)).Render(ctx, &page); err != nil {
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
