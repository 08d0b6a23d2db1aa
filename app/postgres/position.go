package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parley/db/queries"
)

// position is a location in the write-ahead log. Locations on different timelines
// can't be compared: after a failover, a standby that still follows the old
// primary may have a higher LSN and other data.
type position struct {
	timeline int64
	lsn      int64
}

// includes reports whether a server at p has replayed everything up to needed.
func (p position) includes(needed position) bool {
	return p.timeline == needed.timeline && p.lsn >= needed.lsn
}

// primaryPosition returns up to where the primary's log is on its disk. Everything
// that it has acknowledged is before that, unless synchronous_commit is off, which
// promises nothing.
func primaryPosition(primary queries.DBTX) (p position, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), standbyTimeout)
	defer cancel()
	err = primary.QueryRow(ctx, `SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::bigint,
		(lsn - '0/0'::pg_lsn)::bigint FROM pg_current_wal_flush_lsn() AS lsn`).Scan(&p.timeline, &p.lsn)
	return p, err
}

// standbyPosition returns up to where a standby has replayed. The timeline is that
// of its control file, which follows a failover only with the next checkpoint;
// until then the standby stays suspended. The errors are errNotStandby, errBehind
// if nothing was replayed yet, and those of the connection.
func standbyPosition(ctx context.Context, conn *pgx.Conn) (p position, err error) {
	var lsn *int64
	err = conn.QueryRow(ctx, `SELECT greatest(c.timeline_id, r.min_recovery_end_timeline)::bigint,
			(pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint
		FROM pg_control_checkpoint() c, pg_control_recovery() r WHERE pg_is_in_recovery()`).Scan(&p.timeline, &lsn)

	var pg *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, errNotStandby
	case errors.As(err, &pg):
		return p, fmt.Errorf("the standby doesn't report its position: %w", err)
	case err == nil && lsn == nil:
		return p, errBehind
	case err == nil:
		p.lsn = *lsn
	}
	return p, err
}
