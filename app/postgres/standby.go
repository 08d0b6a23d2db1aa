package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/app/loop"
	"parley/db/queries"
)

// standby serves reads in place of the primary. A read is served only once the
// standby has replayed everything that the primary had written when the read
// began, so it returns all that anybody was told is stored, as the primary would.
// A standby that is behind or down is suspended until a probe succeeds. Safe for
// concurrent use.
type standby struct {
	pool    *pgxpool.Pool
	primary coalescer[position] // of the primary's log

	suspended atomic.Bool
	reads     atomic.Uint64 // served so far

	stop context.CancelFunc
	done chan struct{}
}

// Times of a read. The short ones keep a read on the primary, after a failed
// attempt, below what a person notices.
const (
	standbyTimeout        = 300 * time.Millisecond // for the whole attempt
	standbyCatchUpTimeout = 25 * time.Millisecond  // for the replay of what was written just before
	standbyRetryDelay     = 3 * time.Millisecond   // between two reads of the replay position
	standbyProbeInterval  = 500 * time.Millisecond // while suspended
)

var (
	errBehind     = errors.New("the standby is behind")
	errNotStandby = errors.New("the server is not a standby")
)

// openStandby makes the pool and starts the probe, until close.
func openStandby(url string, maxConnections int, primary queries.DBTX) (*standby, error) {
	cfg, err := poolConfig("DATABASE_READ_URL", url, maxConnections)
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig.ConnectTimeout, cfg.PingTimeout = standbyTimeout, standbyTimeout
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, err
	}

	ctx, stop := context.WithCancel(context.Background())
	s := &standby{pool: pool, stop: stop, done: make(chan struct{})}
	s.primary.fetch = func() (position, error) { return primaryPosition(primary) }
	go s.run(ctx)
	return s, nil
}

func (s *standby) close() {
	s.stop()
	<-s.done
	s.pool.Close()
}

// run probes a suspended standby.
func (s *standby) run(ctx context.Context) {
	defer close(s.done)
	noRead := func(*queries.Queries) error { return nil }
	loop.Every(ctx, standbyProbeInterval, func(ctx context.Context) {
		if s.suspended.Load() && s.tryRead(ctx, noRead) == nil {
			s.suspended.Store(false)
		}
	})
}

// read runs f on the standby and reports whether it succeeded. If it did not, for
// any reason, the caller reads from the primary. s may be nil.
func (s *standby) read(ctx context.Context, f func(*queries.Queries) error) bool {
	if s == nil || s.suspended.Load() {
		return false
	}

	err := s.tryRead(ctx, f)
	if err != nil && ctx.Err() == nil {
		s.suspended.Store(true)
	}
	if err == nil {
		s.reads.Add(1)
	}
	return err == nil
}

func (s *standby) tryRead(ctx context.Context, f func(*queries.Queries) error) error {
	ctx, cancel := context.WithTimeout(ctx, standbyTimeout)
	defer cancel()

	needed, err := s.primary.get(ctx)
	if err != nil {
		return err
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()

	if err := awaitReplay(ctx, conn, needed); err != nil {
		return err
	}
	return f(queries.New(conn))
}

// awaitReplay waits until the server has replayed up to a position. It uses the
// connection of the read, because another connection may lead to another server,
// or to this one before a crash that lost its progress.
func awaitReplay(ctx context.Context, conn *pgxpool.Conn, needed position) error {
	for begin := time.Now(); ; {
		at, err := standbyPosition(ctx, conn.Conn())
		switch {
		case err != nil:
			return err
		case at.includes(needed):
			return nil
		case at.timeline != needed.timeline || time.Since(begin) > standbyCatchUpTimeout:
			return errBehind
		}
		if !loop.Sleep(ctx, standbyRetryDelay) {
			return ctx.Err()
		}
	}
}

// StandbyReads counts the reads that the standby has served.
func (s *Store) StandbyReads() uint64 {
	if s.standby == nil {
		return 0
	}
	return s.standby.reads.Load()
}

// read runs f on the standby or else on the primary. f may run twice.
func (s *Store) read(ctx context.Context, f func(*queries.Queries) error) error {
	if s.standby.read(ctx, f) {
		return nil
	}
	return f(s.q)
}
