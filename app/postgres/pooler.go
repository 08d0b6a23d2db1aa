package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// poolable makes connections to a pooler that gives each transaction another one of its own (pgbouncer's pool_mode = transaction): nothing may be left on a
// connection. So no statement is prepared (what it returns is described once, and remembered here), and no parameter is set for the whole session.
// What needs a session has DATABASE_DIRECT_URL: LISTEN, the migrations' lock, and the writer, which remembers numbers only as long as it talks to
// the same server.
func poolable(cfg *pgx.ConnConfig) {
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	delete(cfg.RuntimeParams, "idle_in_transaction_session_timeout")
}

// beginPooled bounds one transaction, as a parameter of the session would all of them; in the same round trip.
func beginPooled(o pgx.TxOptions) pgx.TxOptions {
	words := []string{"BEGIN"}
	if o.IsoLevel != "" {
		words = append(words, "ISOLATION LEVEL", string(o.IsoLevel))
	}
	if o.AccessMode != "" {
		words = append(words, string(o.AccessMode))
	}
	return pgx.TxOptions{BeginQuery: strings.Join(words, " ") + "; SET LOCAL idle_in_transaction_session_timeout = " + maxIdle}
}
