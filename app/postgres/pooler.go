package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// configureForPooler prepares connections to a pooler that gives each transaction
// another server connection (pgbouncer with pool_mode = transaction). Nothing may
// remain on such a connection, so no statement is prepared (its description is
// fetched once and cached here) and no parameter is set for a session.
//
// Whatever needs a session connects by DATABASE_DIRECT_URL: LISTEN, the lock of
// the migrations, and the writer, whose cached numbers are valid only while it is
// connected to the same server.
func configureForPooler(cfg *pgx.ConnConfig) {
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	delete(cfg.RuntimeParams, "idle_in_transaction_session_timeout")
}

// pooledTxOptions sets the idle timeout for one transaction, in the round trip
// that begins it, because it can't be set for a session.
func pooledTxOptions(o pgx.TxOptions) pgx.TxOptions {
	begin := []string{"BEGIN"}
	if o.IsoLevel != "" {
		begin = append(begin, "ISOLATION LEVEL", string(o.IsoLevel))
	}
	if o.AccessMode != "" {
		begin = append(begin, string(o.AccessMode))
	}

	query := strings.Join(begin, " ") + "; SET LOCAL idle_in_transaction_session_timeout = " + idleInTransactionMillis
	return pgx.TxOptions{BeginQuery: query}
}
