package postgres

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// configureForPooler prepares connections to a pooler that gives each transaction
// another server connection (pgbouncer with pool_mode = transaction). Nothing may
// remain on such a connection, so no statement is prepared (its description is
// fetched once and cached here) and no parameter is set for a session, but for those
// that the pooler keeps for its client.
//
// Whatever needs a session connects by DATABASE_DIRECT_URL: LISTEN, the lock of
// the migrations, and the writer, whose cached numbers are valid only while it is
// connected to the same server.
func configureForPooler(cfg *pgx.ConnConfig) {
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	for _, s := range sessionSettings {
		if !slices.Contains(poolerSettings, s.name) {
			delete(cfg.RuntimeParams, s.name)
		}
	}
}

// pooledTxOptions states the settings for one transaction, in the round trip that
// begins it, because they can't be set for a session.
func pooledTxOptions(o pgx.TxOptions) pgx.TxOptions {
	if o.IsoLevel == "" {
		o.IsoLevel = pgx.ReadCommitted
	}
	begin := []string{"BEGIN ISOLATION LEVEL", string(o.IsoLevel)}
	if o.AccessMode != "" {
		begin = append(begin, string(o.AccessMode))
	}
	return pgx.TxOptions{BeginQuery: strings.Join(begin, " ") + localSettings}
}
