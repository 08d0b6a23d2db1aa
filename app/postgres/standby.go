package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/db/queries"
)

// standby serves reads in place of the primary, each only once it has replayed all that the primary had written when the read began: so whoever reads finds what
// they, or anybody, were told is stored, as on the primary. One that is behind, silent or down isn't asked until a probe finds it well. Safe for
// concurrent use.
type standby struct {
	pool    *pgxpool.Pool
	primary coalescer[position]
	resting atomic.Bool
	served  atomic.Uint64
	stop    context.CancelFunc
	ended   chan struct{}
}

// position is a place in the write-ahead log. Places on different timelines don't compare: after a failover a standby that still follows the old primary
// may be further, and somewhere else.
type position struct {
	timeline int64
	lsn      int64
}

// How long the standby may take: to be asked, and to catch up with what was written just before.
const (
	standbyTimeout    = 300 * time.Millisecond
	standbyPatience   = 25 * time.Millisecond
	standbyRetryDelay = 3 * time.Millisecond
	standbyProbe      = 500 * time.Millisecond
)

var (
	errBehind    = errors.New("the standby is behind")
	errNoStandby = errors.New("it is no standby")
)

func openStandby(url string, most int, primary queries.DBTX) (*standby, error) {
	cfg, err := poolConfig("DATABASE_READ_URL", url, most)
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig.ConnectTimeout, cfg.PingTimeout = standbyTimeout, standbyTimeout
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &standby{pool: pool, stop: stop, ended: make(chan struct{})}
	s.primary.fetch = func() (position, error) { return written(primary) }
	go s.probe(ctx)
	return s, nil
}

func (s *standby) close() {
	s.stop()
	<-s.ended
	s.pool.Close()
}

// read has f read from the standby, and answers whether it did; if not, for whatever reason, it is the primary's turn.
func (s *standby) read(ctx context.Context, f func(*queries.Queries) error) bool {
	if s == nil || s.resting.Load() {
		return false
	}
	err := s.try(ctx, f)
	if err != nil && ctx.Err() == nil {
		s.resting.Store(true)
	}
	if err == nil {
		s.served.Add(1)
	}
	return err == nil
}

func (s *standby) try(ctx context.Context, f func(*queries.Queries) error) error {
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
	if err := s.await(ctx, conn, needed); err != nil {
		return err
	}
	return f(queries.New(conn))
}

// await waits a moment until the server at the other end of conn has replayed up to a position. It asks on the connection that is read from: another one may
// lead to another server, or to the same one before a crash, which made it forget.
func (s *standby) await(ctx context.Context, conn *pgxpool.Conn, needed position) error {
	for begun := time.Now(); ; {
		at, err := replayed(ctx, conn.Conn())
		switch {
		case err != nil:
			return err
		case at.timeline == needed.timeline && at.lsn >= needed.lsn:
			return nil
		case at.timeline != needed.timeline || time.Since(begun) > standbyPatience:
			return errBehind
		}
		select {
		case <-time.After(standbyRetryDelay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// probe lets the standby serve again when it is well.
func (s *standby) probe(ctx context.Context) {
	defer close(s.ended)
	ticker := time.NewTicker(standbyProbe)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if s.resting.Load() && s.try(ctx, func(*queries.Queries) error { return nil }) == nil {
			s.resting.Store(false)
		}
	}
}

// written is up to where the primary's log is on its disk: all that it has acknowledged is before that (unless synchronous_commit is off, which makes no
// promise at all).
func written(primary queries.DBTX) (p position, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), standbyTimeout)
	defer cancel()
	err = primary.QueryRow(ctx, "SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::bigint, (lsn - '0/0'::pg_lsn)::bigint FROM pg_current_wal_flush_lsn() AS lsn").Scan(&p.timeline, &p.lsn)
	return p, err
}

// replayed is up to where a standby has replayed. Its timeline is what its control file says, which follows a failover by a checkpoint: until then it rests.
func replayed(ctx context.Context, conn *pgx.Conn) (p position, err error) {
	var lsn *int64
	err = conn.QueryRow(ctx, `SELECT greatest(c.timeline_id, r.min_recovery_end_timeline)::bigint, (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint
		FROM pg_control_checkpoint() c, pg_control_recovery() r WHERE pg_is_in_recovery()`).Scan(&p.timeline, &lsn)
	var answer *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, errNoStandby
	case errors.As(err, &answer):
		return p, fmt.Errorf("the standby doesn't say how far it is: %w", err)
	case err == nil && lsn == nil:
		return p, errBehind
	case err == nil:
		p.lsn = *lsn
	}
	return p, err
}

// StandbyReads counts what the standby has served.
func (s *Store) StandbyReads() uint64 {
	if s.standby == nil {
		return 0
	}
	return s.standby.served.Load()
}

// read has f read from the standby, or else from the primary; f may be called twice.
func (s *Store) read(ctx context.Context, f func(*queries.Queries) error) error {
	if s.standby.read(ctx, f) {
		return nil
	}
	return f(s.q)
}
