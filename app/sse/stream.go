package sse

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"parley/app/chat"
	"parley/app/sse/frame"
)

// Bounds of a stream's queue: past one of them the reader is closed, and resumes by fetching.
const (
	maxQueuedFrames = 512
	maxQueuedBytes  = 512 << 10
	writeTimeout    = 10 * time.Second
)

// stream is one open connection. A goroutine exists for it only while its queue is not empty.
type stream struct {
	hub   *Hub
	conn  net.Conn
	info  chat.Stream
	ready bool // guarded by the hub's lock, as slot and place
	slot  uint8
	index int32

	mu      sync.Mutex // guards the fields below
	queue   [][]byte
	bytes   int
	writing bool
	closing bool // close after the queue
	closed  bool
}

// send queues a frame, which is shared and must not change. It never blocks.
func (s *stream) send(frame []byte) {
	if frame == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.closing {
		return
	}
	if len(s.queue) >= maxQueuedFrames || s.bytes+len(frame) > maxQueuedBytes {
		s.hub.stalled.Add(1)
		s.close()
		return
	}
	s.enqueue(frame)
}

// sendLast queues a frame and closes the stream after it.
func (s *stream) sendFinal(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.closing {
		return
	}
	s.closing = true
	s.enqueue(frame)
}

func (s *stream) enqueue(frame []byte) {
	s.queue = append(s.queue, frame)
	s.bytes += len(frame)
	s.hub.queued.Add(int64(len(frame)))
	if !s.writing {
		s.writing = true
		go s.flush()
	}
}

// close ends the connection; the goroutine that writes, or a new one, tells the hub, whose lock the caller may hold.
func (s *stream) close() {
	if s.closed {
		return
	}
	s.closed = true
	s.hub.queued.Add(-int64(s.bytes))
	s.queue, s.bytes = nil, 0
	s.conn.Close()
	if !s.writing {
		go s.hub.remove(s)
	}
}

// flush writes what is queued, several frames at a time, until nothing is.
func (s *stream) flush() {
	defer func() {
		if r := recover(); r != nil {
			s.hub.logger.Error("panic in a stream", "panic", r)
			s.conn.Close()
			s.hub.remove(s)
		}
	}()
	for {
		s.mu.Lock()
		frames, bytes := net.Buffers(s.queue), int64(s.bytes)
		s.queue, s.bytes = nil, 0
		done := len(frames) == 0
		if done {
			s.writing = false
			if s.closing && !s.closed {
				s.closed = true
				s.conn.Close()
			}
		}
		closed := s.closed
		s.mu.Unlock()
		if closed {
			s.hub.remove(s)
			return
		}
		if done {
			return
		}
		err := s.write(frames)
		s.hub.queued.Add(-bytes)
		if err != nil {
			s.mu.Lock()
			if errors.Is(err, os.ErrDeadlineExceeded) && !s.closed {
				s.hub.stalled.Add(1)
			}
			s.closed = true
			s.hub.queued.Add(-int64(s.bytes)) // what was queued meanwhile
			s.queue, s.bytes = nil, 0
			s.mu.Unlock()
			s.conn.Close()
			s.hub.remove(s)
			return
		}
	}
}

func (s *stream) write(frames net.Buffers) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := frames.WriteTo(s.conn)
	return err
}

// beat looks for a hang-up, then writes a comment if that doesn't block. It takes no goroutine of its own.
func (s *stream) heartbeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.writing {
		return // what is being written is a sign of life
	}
	if peerClosed(s.conn) || !tryWrite(s.conn, frame.Heartbeat) {
		s.close()
	}
}
