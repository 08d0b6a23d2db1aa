package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// oldestVersion is that of PostgreSQL below which Parley isn't tried.
const oldestVersion = 15

// checkPatience is how long a standby may take to have what its primary has: one that follows needs a moment.
const checkPatience = 3 * time.Second

// Check goes each way to the database that o has, as a replica would: to the primary, through the pooler, to the standby. It tells of each what it found or, in words
// and without passwords, what is wrong. What is seen only beside the primary isn't looked for while that won't do. It changes nothing.
func Check(ctx context.Context, o Options, tell func(part, found string, err error)) {
	setting, url := "DATABASE_URL", o.URL
	if o.DirectURL != "" {
		setting, url = "DATABASE_DIRECT_URL", o.DirectURL
	}
	primary, err := connect(ctx, setting, url, false)
	var found string
	if err == nil {
		defer primary.leave(ctx)
		found, err = primary.version+"; a start brings the schema up to date", primary.checkPrimary(ctx)
	}
	tell("PostgreSQL", found, err)
	leads, has := "it leads to the same database", "it has what the primary has, and can be read"
	if err != nil {
		primary, leads, has = nil, "it answers", "it answers"
	}
	if o.DirectURL != "" {
		tell("pooler", leads, visit(ctx, "DATABASE_URL", o.URL, o.Pooled, func(w *probe) error { return w.checkPooler(ctx, primary) }))
	}
	if o.ReadURL != "" {
		tell("standby", has, visit(ctx, "DATABASE_READ_URL", o.ReadURL, false, func(w *probe) error { return w.checkStandby(ctx, primary) }))
	}
}

func visit(ctx context.Context, setting, url string, pooled bool, look func(*probe) error) error {
	w, err := connect(ctx, setting, url, pooled)
	if err != nil {
		return err
	}
	defer w.leave(ctx)
	return look(w)
}

func (w *probe) checkPrimary(ctx context.Context) error {
	switch {
	case w.number/10000 < oldestVersion:
		return fmt.Errorf("PostgreSQL is %s: Parley needs %d or newer", w.version, oldestVersion)
	case w.follows:
		return fmt.Errorf("%s leads to a standby: name the primary there", w.setting)
	case w.onlyReads:
		return w.refusesWrites()
	case !w.mayCreate:
		return fmt.Errorf("the user %q of %s may not make tables in %q: GRANT CREATE ON SCHEMA public, or make that user the owner", w.user(), w.setting, w.cfg.Database)
	}
	return checkSchema(ctx, w.conn)
}

func (w *probe) checkPooler(ctx context.Context, primary *probe) error {
	if err := w.sameAs(ctx, primary); err != nil {
		return err
	}
	switch {
	case w.follows:
		return fmt.Errorf("%s leads to a standby: have the pooler lead to the primary", w.setting)
	case w.onlyReads:
		return w.refusesWrites()
	}
	return w.mayUseTables(ctx, "SELECT", "INSERT", "UPDATE", "DELETE")
}

// checkStandby looks for what a replica needs of a standby: one that doesn't do has the primary asked instead, each time, and nobody is told.
func (w *probe) checkStandby(ctx context.Context, primary *probe) error {
	if err := w.sameAs(ctx, primary); err != nil {
		return err
	}
	if !w.follows {
		return fmt.Errorf("%s leads to no standby, but to a server that takes writes: name a standby there, or remove it", w.setting)
	}
	if err := w.mayUseTables(ctx, "SELECT"); err != nil {
		return err
	}
	if primary == nil {
		_, err := replayed(ctx, w.conn)
		return w.unlessBehind(err)
	}
	needed, err := written(primary.conn)
	if err != nil {
		return primary.words(err)
	}
	return w.catchesUp(ctx, needed)
}

func (w *probe) catchesUp(ctx context.Context, needed position) error {
	for begun := time.Now(); ; {
		at, err := replayed(ctx, w.conn)
		switch {
		case w.unlessBehind(err) != nil:
			return w.unlessBehind(err)
		case err == nil && at.timeline == needed.timeline && at.lsn >= needed.lsn:
			return nil
		case time.Since(begun) < checkPatience:
		case err == nil && at.timeline != needed.timeline:
			return fmt.Errorf("the standby of %s follows another primary than there is now (timeline %d, not %d): after a failover it must be made anew", w.setting, at.timeline, needed.timeline)
		default:
			return fmt.Errorf("the standby of %s is behind, by %d bytes after %v, and isn’t read from until it has all: SELECT * FROM pg_stat_wal_receiver says there whether it receives, pg_is_wal_replay_paused() whether it was told to stand still",
				w.setting, needed.lsn-at.lsn, checkPatience)
		}
		select {
		case <-time.After(standbyProbe / 10):
		case <-ctx.Done():
			return w.words(ctx.Err())
		}
	}
}

func (w *probe) unlessBehind(err error) error {
	if err == nil || errors.Is(err, errBehind) {
		return nil
	}
	return w.words(err)
}
