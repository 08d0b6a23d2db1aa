package sse

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"parley/app/chat"
)

const (
	// A stream whose queue exceeds one of these limits is closed. Its client reconnects
	// and fetches.
	maxQueuedFrames = 512
	maxQueuedBytes  = 512 << 10
	// writeTimeout limits one write of queued frames.
	writeTimeout = 10 * time.Second
)

// stream is one open connection. A goroutine exists for it only while its queue is not
// empty.
type stream struct {
	hub  *Hub
	conn net.Conn
	info chat.Stream

	// Guarded by the hub's lock.
	ready bool
	slot  uint8 // of the timer wheel
	turn  uint8 // of the wheel, in which a JSON stream has its comment
	index int32 // in the slot
	fd    int32 // the key in the hub's watched streams; -1: not watched

	evicted bool // it makes room for a newer one

	mu      sync.Mutex // guards the fields below
	queue   [][]byte
	bytes   int  // in the queue
	writing bool // flush is running
	closing bool // close after the queue is written
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

// sendFinal queues a frame and closes the stream after it.
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
	s.hub.queuedBytes.Add(int64(len(frame)))
	if !s.writing {
		s.writing = true
		go s.flush()
	}
}

// close closes the connection. The caller may hold the hub's lock, so flush or a new
// goroutine removes the stream from the hub.
func (s *stream) close() {
	if s.closed {
		return
	}

	s.closed = true
	s.dropQueue()
	s.conn.Close()
	if !s.writing {
		go s.hub.remove(s)
	}
}

func (s *stream) dropQueue() {
	s.hub.queuedBytes.Add(-int64(s.bytes))
	s.queue, s.bytes = nil, 0
}

// flush writes the queue, several frames at a time, until it is empty or the stream is
// closed.
func (s *stream) flush() {
	defer func() {
		if r := recover(); r != nil {
			s.hub.deps.Logger.Error("panic in a stream", "panic", r)
			s.conn.Close()
			s.hub.remove(s)
		}
	}()

	for {
		frames, closed := s.takeQueue()
		if closed {
			s.hub.remove(s)
			return
		}
		if len(frames) == 0 {
			return
		}
		if err := s.write(frames); err != nil {
			s.fail(err)
			return
		}
	}
}

// takeQueue empties the queue. If it is empty, flush ends, and a stream that is closing
// is closed.
func (s *stream) takeQueue() (frames net.Buffers, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames = s.queue
	s.queue, s.bytes = nil, 0
	if len(frames) > 0 {
		return frames, s.closed
	}

	s.writing = false
	if s.closing && !s.closed {
		s.closed = true
		s.conn.Close()
	}
	return nil, s.closed
}

// write writes frames, which count as queued until it returns.
func (s *stream) write(frames net.Buffers) error {
	bytes := 0
	for _, f := range frames {
		bytes += len(f)
	}
	defer s.hub.queuedBytes.Add(-int64(bytes))
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}

	_, err := frames.WriteTo(s.conn)
	return err
}

// fail closes the stream after a failed write.
func (s *stream) fail(err error) {
	s.mu.Lock()
	if errors.Is(err, os.ErrDeadlineExceeded) && !s.closed {
		s.hub.stalled.Add(1)
	}

	s.closed = true
	s.dropQueue() // frames that were queued during the write
	s.mu.Unlock()

	s.conn.Close()
	s.hub.remove(s)
}

// heartbeat writes a frame if that does not block, and closes the stream if the connection
// is broken. It needs no goroutine of its own.
func (s *stream) heartbeat(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.writing {
		return // the write under way detects a broken connection
	}
	if !tryWrite(s.conn, frame) {
		s.close()
	}
}

// hangUp closes the stream whose client has closed its side.
func (s *stream) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}
