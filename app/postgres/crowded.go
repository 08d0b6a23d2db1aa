package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parley/app/loop"
)

// Times of a connect beside the pool to a server that accepts no more connections.
const (
	reserveTimeout  = 2 * time.Second
	reserveInterval = 20 * time.Millisecond
)

// isCrowded reports whether the server accepts no more connections: the limit is
// the server's, the database's or the role's.
func isCrowded(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == codeTooManyConnections
}

// connect opens a connection beside the pool, for the writer, the listener or the
// probe. If the server accepts no more, the pool gives up its idle connections and
// opens no others until this one is open.
func (b *breaker) connect(ctx context.Context, cfg *pgx.ConnConfig) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if !isCrowded(err) {
		return conn, err
	}

	b.reserving.Add(1)
	defer b.reserving.Add(-1)
	for begin := time.Now(); isCrowded(err) && time.Since(begin) < reserveTimeout; {
		b.pool.Reset()
		if !loop.Sleep(ctx, reserveInterval) {
			return nil, err
		}
		conn, err = pgx.ConnectConfig(ctx, cfg)
	}
	return conn, err
}

// beforeConnect makes the pool wait for the connects beside it.
func (b *breaker) beforeConnect(ctx context.Context, _ *pgx.ConnConfig) error {
	for begin := time.Now(); b.reserving.Load() > 0 && time.Since(begin) < reserveTimeout; {
		if !loop.Sleep(ctx, reserveInterval) {
			return ctx.Err()
		}
	}
	return nil
}

// isTransient reports whether a call may succeed when it is retried at once: after a
// deadlock, and when the pool's other connections have to be shared.
func isTransient(err error) bool { return isDeadlock(err) || isCrowded(err) }
