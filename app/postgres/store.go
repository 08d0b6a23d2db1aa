// Package postgres stores Parley's data in PostgreSQL, with pgx and the queries
// that sqlc generates from db/queries.
package postgres

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/app/chat"
	"parley/db/queries"
)

// Store implements chat.Store on a pool of connections. Safe for concurrent use.
type Store struct {
	pool    *pgxpool.Pool
	breaker *breaker // in front of all calls except those of the writer and the migrations
	q       *queries.Queries
	standby *standby // nil: none

	schemaWasCurrent atomic.Bool // since the start
}

var _ chat.Store = (*Store)(nil)

// Timeouts of a call whose context has no earlier deadline: for a call that a
// person waits for, and for one that reads or writes much.
const (
	requestTimeout = 2 * time.Second
	longTimeout    = 10 * time.Second
)

const defaultMaxConnections = 16

// Options are the addresses of the database.
type Options struct {
	URL            string
	MaxConnections int    // of the pool; 0: 16. The writer, the listener and the probe have one connection each besides.
	Pooled         bool   // URL leads to a pooler that gives each transaction another connection
	DirectURL      string // leads to the database itself; "": URL does
	ReadURL        string // leads to a standby; "": there is none
}

// Open is OpenWith for a database without a pooler and a standby.
func Open(url string) (*Store, error) { return OpenWith(Options{URL: url}) }

// OpenWith makes the pool and starts the breaker's probe, until Close. It doesn't
// wait for the database, so a replica starts while Postgres is down. An error
// means that an address can't be parsed.
func OpenWith(o Options) (*Store, error) {
	maxConnections := cmp.Or(o.MaxConnections, defaultMaxConnections)
	cfg, err := poolConfig("DATABASE_URL", o.URL, maxConnections)
	if err != nil {
		return nil, err
	}

	b := &breaker{tripped: make(chan struct{}, 1), pooled: o.Pooled}
	direct := cfg.Copy()
	if o.DirectURL != "" {
		if direct, err = poolConfig("DATABASE_DIRECT_URL", o.DirectURL, 1); err != nil {
			return nil, err
		}
	}
	direct.ConnConfig.Tracer = b
	if o.Pooled {
		configureForPooler(cfg.ConnConfig)
	}
	cfg.ConnConfig.Tracer = b
	cfg.BeforeConnect = b.beforeConnect
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return prepareSession(ctx, conn, o.Pooled) }

	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, breaker: b, q: queries.New(b)}
	if o.ReadURL != "" {
		if s.standby, err = openStandby(o.ReadURL, maxConnections, b); err != nil {
			pool.Close()
			return nil, err
		}
	}
	b.setting, b.directSetting = "DATABASE_URL", ""
	if o.DirectURL != "" {
		b.directSetting = "DATABASE_DIRECT_URL"
	}
	b.start(pool, direct.ConnConfig)
	return s, nil
}

// poolConfig parses the address in a setting.
func poolConfig(setting, url string, maxConnections int) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	cfg.MaxConns = max(int32(maxConnections), cfg.MaxConns)
	cfg.ConnConfig.ConnectTimeout = requestTimeout
	cfg.PingTimeout = requestTimeout / 4 // an idle connection whose server is gone is replaced by another
	stateSettings(cfg.ConnConfig)
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return prepareSession(ctx, conn, false) }
	return cfg, nil
}

// Close stops the probes and waits for connections that are in use.
func (s *Store) Close() {
	if s.standby != nil {
		s.standby.close()
	}
	s.breaker.close()
	s.pool.Close()
}

// Ping returns an Unavailable error if the database is down, or refuses what Parley
// needs of it. Regular calls let the breaker open before a person waits for the
// database.
func (s *Store) Ping(ctx context.Context) error {
	const query = `SELECT current_setting('transaction_read_only') = 'on' OR EXISTS (
		SELECT FROM pg_class WHERE relkind IN ('r', 'p', 'v') AND relnamespace = current_schema()::regnamespace
			AND relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass('goose_db_version'))
			AND NOT has_table_privilege(oid, 'SELECT') OR relname = 'messages'
				AND relnamespace = current_schema()::regnamespace AND NOT has_table_privilege(oid, 'INSERT'))`

	var refused bool
	err := s.breaker.QueryRow(ctx, query).Scan(&refused)
	if err == nil && (refused || s.schemaWasCurrent.Load() && !s.schemaCurrent(ctx)) {
		s.breaker.trip()
	}
	return mapError(err)
}

// Down returns why calls are rejected: the database is down or read-only. It
// returns nil while they are not.
func (s *Store) Down() error {
	if reason := s.breaker.down.Load(); reason != nil {
		return *reason
	}
	return nil
}

// Connections counts the connections of the pool, and how often a call has waited
// for one.
func (s *Store) Connections() (inUse, idle, limit int, waits uint64) {
	stat := s.pool.Stat()
	waits = uint64(stat.EmptyAcquireCount()) // #nosec G115 -- a count
	return int(stat.AcquiredConns()), int(stat.IdleConns()), int(stat.MaxConns()), waits
}

func withRequestTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, requestTimeout)
}

func withLongTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, longTimeout)
}
