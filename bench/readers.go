package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

const (
	stalledPeople   = 20
	stalledEach     = 10 // streams of each of them, never read
	floodEach       = 6  // messages of 16 KB that each of them gets, a second
	ordinaryReaders = 40
	ordinaryRate    = 160 // messages a second for all of them
	readersPhase    = 10 * time.Second
	readersRounds   = 7
)

// readers measures what those who don't read cost the others, what streams that come and go leave behind, and what a want of descriptors does.
func readers(ctx context.Context, l *local) error {
	if l.cmd == nil {
		return errors.New("it reads the replica's own figures: not with a target")
	}
	return errors.Join(stalledReaders(ctx, l), comings(ctx, l), shortage(l))
}

// stalledReaders has the same said with and without those who don't read it, by turns, so that what the machine does otherwise meets both.
func stalledReaders(ctx context.Context, l *local) error {
	o, err := newOrdinary(l)
	if err != nil {
		return err
	}
	defer o.leave()
	s, err := newStalled(l, o.ada)
	if err != nil {
		return err
	}
	if _, _, _, err := timed(30_000, 32, func(i int) error { return o.ada.sends(o.talks[i%len(o.talks)], "warm") }); err != nil {
		return err
	}
	flooding, stop := context.WithCancel(ctx)
	var flood sync.WaitGroup
	flood.Go(func() { s.flood(flooding) })
	defer flood.Wait()
	defer stop()
	if _, err := o.phase(ctx); err != nil { // warm
		return err
	}
	var without, with phases
	var before figures
	for range readersRounds {
		calm, err := s.beside(ctx, o, 0)
		if err != nil {
			return err
		}
		if before == nil {
			if before, err = s.least(ctx); err != nil {
				return err
			}
		}
		crowded, err := s.beside(ctx, o, stalledPeople*stalledEach)
		if err != nil {
			return err
		}
		without.add(calm)
		with.add(crowded)
	}
	after, err := s.least(ctx)
	if err != nil {
		return err
	}
	ratios := make([]float64, readersRounds)
	for i := range ratios {
		ratios[i] = float64(with.p99[i]) / float64(without.p99[i])
	}
	fmt.Printf("  %d readers' time from POST to event, medians of %d phases of %v each\n", ordinaryReaders, readersRounds, readersPhase)
	fmt.Printf("    without stalled ones   p50 %v  p99 %v  (%d events)\n", median(without.p50), median(without.p99), without.events)
	fmt.Printf("    beside %d of them     p50 %v  p99 %v  (%d events)\n", stalledPeople*stalledEach, median(with.p50), median(with.p99), with.events)
	fmt.Printf("    p99, beside / without  %.2f (%.2f–%.2f); %d sends refused\n", median(ratios), slices.Min(ratios), slices.Max(ratios), o.refused)
	fmt.Printf("    opened without being read %d, closed at the bound %d; the last ones within %v of being opened\n", s.opened, s.closed, s.longest.Round(100*time.Millisecond))
	fmt.Printf("    heap after a collection %.1f MiB before, at most %.1f in use, %.1f after; queued at most %.1f MiB, %.1f after; RSS %.0f, %.0f, %.0f MiB\n",
		before.mib(heapBytes), s.most.mib(heapBytes), after.mib(heapBytes), s.most.mib(queuedBytes), after.mib(queuedBytes),
		before.mib(residentBytes), s.most.mib(residentBytes), after.mib(residentBytes))
	return nil
}

// phases are one kind's, in their order.
type phases struct {
	p50, p99 []time.Duration
	events   int
}

func (p *phases) add(took []time.Duration) {
	p.p50, p.p99 = append(p.p50, quantile(took, .5)), append(p.p99, quantile(took, .99))
	p.events += len(took)
}

// ordinary are those who read, and what Ada says to them.
type ordinary struct {
	ada   *client
	talks []string
	conns []net.Conn

	mu      sync.Mutex // guards the fields below
	posted  map[string]time.Time
	took    []time.Duration
	refused int
}

func newOrdinary(l *local) (o *ordinary, err error) {
	o = &ordinary{posted: map[string]time.Time{}, talks: make([]string, ordinaryReaders), conns: make([]net.Conn, ordinaryReaders)}
	if o.ada, err = signIn(l.base, "Ada"); err != nil {
		return nil, err
	}
	for i := range o.talks {
		bob, err := signIn(l.base, fmt.Sprintf("Bob %d", i))
		if err != nil {
			return nil, err
		}
		if o.talks[i], err = o.ada.opens(bob); err != nil {
			return nil, err
		}
		if o.conns[i], err = openStream(bob); err != nil {
			return nil, err
		}
		go o.reads(o.conns[i])
	}
	return o, nil
}

func (o *ordinary) leave() {
	for _, c := range o.conns {
		c.Close()
	}
}

const heardFrom = "Heard from "

// reads notes when each message came.
func (o *ordinary) reads(conn net.Conn) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		_, id, ok := strings.Cut(lines.Text(), heardFrom)
		if !ok || len(id) < 36 {
			continue
		}
		now := time.Now()
		o.mu.Lock()
		if sent, ok := o.posted[id[:36]]; ok {
			delete(o.posted, id[:36])
			o.took = append(o.took, now.Sub(sent))
		}
		o.mu.Unlock()
	}
}

// phase sends at its rate and answers how long each took to its reader. One that doesn't come is an error.
func (o *ordinary) phase(ctx context.Context) ([]time.Duration, error) {
	n := int(readersPhase.Seconds() * ordinaryRate)
	errs := make(chan error, n)
	var all sync.WaitGroup
	for i := range paced(ctx, ordinaryRate, readersPhase) {
		all.Go(func() { errs <- o.says(i) })
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return nil, err
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		o.mu.Lock()
		missing, took := len(o.posted), o.took
		if missing == 0 {
			o.took = nil
		}
		o.mu.Unlock()
		if missing == 0 {
			return took, ctx.Err()
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%d messages didn't come", missing)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// says one thing. What is refused, by a replica that finds the machine too busy, is counted.
func (o *ordinary) says(i int) error {
	id := uuid.NewString()
	o.mu.Lock()
	o.posted[id] = time.Now()
	o.mu.Unlock()
	res, _, err := o.ada.post(o.talks[i%len(o.talks)]+"/messages", url.Values{"body": {heardFrom + id}, "client_id": {uuid.Must(uuid.NewV7()).String()}})
	if err == nil && res.StatusCode != http.StatusCreated {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.refused++
		delete(o.posted, id)
	}
	return err
}

// paced counts at a rate, for a while.
func paced(ctx context.Context, perSecond int, during time.Duration) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		begin := time.Now()
		for i := range int(during.Seconds() * float64(perSecond)) {
			select {
			case <-time.After(time.Until(begin.Add(time.Duration(i) * time.Second / time.Duration(perSecond)))):
			case <-ctx.Done():
				return
			}
			if !yield(i) {
				return
			}
		}
	}
}

// stalled are those who don't read.
type stalled struct {
	l      *local
	ada    *client
	people []*client
	talks  []string

	opened, closed int
	longest        time.Duration
	most           figures
}

func newStalled(l *local, ada *client) (s *stalled, err error) {
	s = &stalled{l: l, ada: ada, people: make([]*client, stalledPeople), talks: make([]string, stalledPeople), most: figures{}}
	for i := range s.people {
		if s.people[i], err = signIn(l.base, fmt.Sprintf("Carl %d", i)); err != nil {
			return nil, err
		}
		if s.talks[i], err = ada.opens(s.people[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// flood is the same with and without them.
func (s *stalled) flood(ctx context.Context) {
	words := strings.Repeat("🛶", 4000)
	var all sync.WaitGroup
	defer all.Wait()
	for i := range paced(ctx, floodEach*stalledPeople, time.Hour) {
		all.Go(func() {
			form := url.Values{"body": {words}, "client_id": {uuid.Must(uuid.NewV7()).String()}}
			_, _, _ = s.ada.post(s.talks[i%len(s.talks)]+"/messages", form) // what isn't taken isn't read either
		})
	}
}

// beside is a phase of the others while so many streams are open that nobody reads; the replica is looked at as often when there are none.
func (s *stalled) beside(ctx context.Context, o *ordinary, streams int) ([]time.Duration, error) {
	stop, full, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() { done <- s.keep(ctx, streams, full, stop) }()
	select {
	case <-full:
	case err := <-done:
		return nil, err
	}
	took, err := o.phase(ctx)
	close(stop)
	return took, errors.Join(err, <-done)
}

const (
	lookInterval = 250 * time.Millisecond
	openEach     = 10 // streams at a look: they come one after the other, as people do
)

// keep has so many streams open, another one for each that is closed, until it is stopped; then it waits for the last to be closed. The replica's word is
// taken for it: who doesn't read doesn't see the end either.
func (s *stalled) keep(ctx context.Context, streams int, full chan<- struct{}, stop <-chan struct{}) error {
	start, err := s.l.figures()
	if err != nil {
		return err
	}
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	var lastOpened time.Time
	filled := sync.OnceFunc(func() { close(full) })
	for leaving := false; ; {
		now, err := s.l.figures()
		if err != nil {
			return err
		}
		for _, name := range []string{heapBytes, queuedBytes, residentBytes} {
			s.most[name] = max(s.most[name], now[name])
		}
		present := int(now[openStreams] - start[openStreams])
		if leaving && present == 0 {
			s.opened, s.closed = s.opened+len(conns), s.closed+int(now[stalledTotal]-start[stalledTotal])
			if streams > 0 {
				s.longest = max(s.longest, time.Since(lastOpened))
			}
			return nil
		}
		if len(conns) >= streams { // some may have been closed again
			filled()
		}
		for range min(openEach, streams-present) {
			if leaving {
				break
			}
			conn, err := dialUnread(s.people[len(conns)%stalledPeople])
			if err != nil {
				return err
			}
			conns, lastOpened = append(conns, conn), time.Now()
		}
		if leaving && time.Since(lastOpened) > time.Minute {
			return fmt.Errorf("%d streams that nobody reads are still open", present)
		}
		select {
		case <-stop:
			leaving, stop = true, nil
		case <-time.After(lookInterval):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// dialUnread opens a stream of somebody far away: segments as they are on the way to a phone, since this machine's own, of 64 KB, would have the kernel
// keep megabytes for each.
func dialUnread(c *client) (net.Conn, error) {
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		return errors.Join(raw.Control(func(fd uintptr) {
			err = errors.Join(unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, 1400), unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<10))
		}), err)
	}}
	return openStreamWith(&d, c)
}

// least is what the replica needs while it collects its garbage again and again: the least of some seconds.
func (s *stalled) least(ctx context.Context) (figures, error) {
	least := figures{}
	for range paced(ctx, 10, 8*time.Second) {
		now, err := s.l.figures()
		if err != nil {
			return nil, err
		}
		for name, value := range now {
			if old, ok := least[name]; !ok || value < old {
				least[name] = value
			}
		}
	}
	return least, ctx.Err()
}
