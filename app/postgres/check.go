package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/app/loop"
)

// minServerVersion is the oldest major version of PostgreSQL that Parley is
// tested with.
const minServerVersion = 15

// checkCatchUpTimeout bounds the wait of Check for a standby to replay the
// primary's log. A standby that follows needs a moment.
const checkCatchUpTimeout = 3 * time.Second

// Check connects to the database by every address of o, as a replica would: to
// the primary, through the pooler, to the standby. It reports each result, or an
// error that says what to change and holds no password. While the primary fails,
// the others are checked only for what needs no primary. Check changes nothing.
func Check(ctx context.Context, o Options, report func(dependency, result string, err error)) {
	setting, url := "DATABASE_URL", o.URL
	if o.DirectURL != "" {
		setting, url = "DATABASE_DIRECT_URL", o.DirectURL
	}

	primary, err := connect(ctx, setting, url, false)
	var result string
	if err == nil {
		defer primary.close(ctx)
		result, err = primary.checkPrimary(ctx, max(o.MaxConnections, defaultMaxConnections))
	}
	report("PostgreSQL", result, err)

	poolerResult, standbyResult := "it leads to the same database", "it has what the primary has, and can be read"
	if err != nil {
		primary, poolerResult, standbyResult = nil, "it answers", "it answers"
	}
	if o.DirectURL != "" {
		report("pooler", poolerResult, withProbe(ctx, "DATABASE_URL", o.URL, o.Pooled, func(p *probe) error {
			return p.checkPooler(ctx, primary)
		}))
	}
	if o.ReadURL != "" {
		report("standby", standbyResult, withProbe(ctx, "DATABASE_READ_URL", o.ReadURL, false, func(p *probe) error {
			return p.checkStandby(ctx, primary)
		}))
	}
}

func withProbe(ctx context.Context, setting, url string, pooled bool, check func(*probe) error) error {
	p, err := connect(ctx, setting, url, pooled)
	if err != nil {
		return err
	}
	defer p.close(ctx)
	return check(p)
}

func (p *probe) checkPrimary(ctx context.Context, maxConnections int) (string, error) {
	switch {
	case p.versionNumber/10000 < minServerVersion:
		return "", fmt.Errorf("PostgreSQL is %s: Parley needs %d or newer", p.version, minServerVersion)
	case p.inRecovery:
		return "", fmt.Errorf("%s leads to a standby: name the primary there", p.setting)
	case p.readOnly:
		return "", p.errReadOnly()
	case !p.canCreate:
		return "", fmt.Errorf("the user %q of %s may not make tables in %q: GRANT CREATE ON SCHEMA public,"+
			" or make that user the owner", p.user(), p.setting, p.cfg.Database)
	}

	var status SchemaStatus
	var err error
	if status.Applied, status.Known, err = schemaVersions(ctx, p.conn); err != nil {
		return "", p.explain(err)
	}
	if err := p.checkConnections(ctx, maxConnections); err != nil {
		return "", err
	}

	switch {
	case status.Applied == 0:
		if err = p.checkShared(ctx); err == nil {
			err = p.checkMigrations(ctx)
		}
	case !status.Older():
		err = p.checkUsable(ctx)
	default:
		err = p.checkOwner(ctx)
	}
	return p.version + "; " + status.String(), err
}

// checkOwner checks that the user may migrate: the tables are its own.
func (p *probe) checkOwner(ctx context.Context) error {
	var owner string
	err := p.conn.QueryRow(ctx, `SELECT pg_get_userbyid(relowner) FROM pg_class
		WHERE oid = to_regclass('goose_db_version') AND NOT pg_has_role(relowner, 'USAGE')`).Scan(&owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return p.explain(err)
	}
	return fmt.Errorf("the user %q of %s can’t migrate the tables of %q: run parley migrate as that user,"+
		" or GRANT %[3]s TO %[1]s", p.user(), p.setting, owner)
}

// checkPooler compares with the primary unless that is nil.
func (p *probe) checkPooler(ctx context.Context, primary *probe) error {
	if err := p.checkSameDatabase(ctx, primary); err != nil {
		return err
	}
	switch {
	case p.inRecovery:
		return fmt.Errorf("%s leads to a standby: have the pooler lead to the primary", p.setting)
	case p.readOnly:
		return p.errReadOnly()
	}
	if primary == nil {
		return nil
	}
	applied, known, err := schemaVersions(ctx, p.conn)
	if err != nil || applied < known {
		return p.explain(err) // the primary's finding says so
	}
	return p.checkUsable(ctx)
}

// checkStandby checks what a replica needs of a standby. A replica reads from the
// primary instead of an unsuitable standby, and reports nothing.
func (p *probe) checkStandby(ctx context.Context, primary *probe) error {
	if err := p.checkSameDatabase(ctx, primary); err != nil {
		return err
	}
	if !p.inRecovery {
		return fmt.Errorf(
			"%s leads to no standby, but to a server that takes writes: name a standby there, or remove it", p.setting)
	}
	if err := p.checkPrivileges(ctx, "SELECT"); err != nil {
		return err
	}

	if primary == nil {
		_, err := standbyPosition(ctx, p.conn)
		return p.explainUnlessBehind(err)
	}
	needed, err := primaryPosition(primary.conn)
	if err != nil {
		return primary.explain(err)
	}
	return p.awaitCatchUp(ctx, needed)
}

// awaitCatchUp waits until the standby has replayed up to a position.
func (p *probe) awaitCatchUp(ctx context.Context, needed position) error {
	for begin := time.Now(); ; {
		at, err := standbyPosition(ctx, p.conn)
		switch {
		case p.explainUnlessBehind(err) != nil:
			return p.explainUnlessBehind(err)
		case err == nil && at.includes(needed):
			return nil
		case time.Since(begin) < checkCatchUpTimeout:
		case err == nil && at.timeline != needed.timeline:
			return fmt.Errorf("the standby of %s follows another primary than there is now (timeline %d, not %d):"+
				" after a failover it must be made anew", p.setting, at.timeline, needed.timeline)
		default:
			return fmt.Errorf("the standby of %s is behind, by %d bytes after %v, and isn’t read from until it has all:"+
				" SELECT * FROM pg_stat_wal_receiver says there whether it receives,"+
				" pg_is_wal_replay_paused() whether replay is paused", p.setting, needed.lsn-at.lsn, checkCatchUpTimeout)
		}

		if !loop.Sleep(ctx, standbyProbeInterval/10) {
			return p.explain(ctx.Err())
		}
	}
}

func (p *probe) explainUnlessBehind(err error) error {
	if err == nil || errors.Is(err, errBehind) {
		return nil
	}
	return p.explain(err)
}
