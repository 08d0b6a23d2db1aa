package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"parley/app/demo"
	"parley/app/postgres"
	"parley/app/replica"
)

const intoFlagName = "into-this-database"

const seedUsage = `parley seed [--into-this-database]     fill the embedded database with people and conversations to try

It makes 30 people and 5,000 messages. A database that has them already is left as it is. It refuses a
database of DATABASE_URL, and one with people of its own, unless --into-this-database is given.

There is no undo. Seed an empty database, and drop that database afterwards; the embedded one goes with
its directory (DATA_DIR, by default .data).`

var seedCommand = command{
	name:    "seed",
	summary: "fill the embedded database with people and conversations to try; there is no undo",
	usage:   seedUsage,
	writes:  writesTo(toPostgres),
	setup: func(flags *flag.FlagSet) action {
		into := flags.Bool(intoFlagName, false, "")
		return func(ctx context.Context, in invocation) error { return seed(ctx, in, *into) }
	},
}

// seed refuses to mix the people of the seed with others, because no command removes
// them again.
func seed(ctx context.Context, in invocation, into bool) error {
	if in.cfg.DatabaseURL != "" && !into {
		return exit(exitUsage, "DATABASE_URL is set, and nothing removes the 30 people and 5,000 messages again: "+
			"unset it to seed the embedded database, or write parley seed --%s", intoFlagName)
	}

	at, release, err := addresses(ctx, in.cfg, in.notes)
	if err != nil {
		return err
	}
	defer release()

	s, err := postgres.OpenWith(replica.PostgresOptions(in.cfg, at))
	if err != nil {
		return err
	}
	defer s.Close()

	if _, err := s.Migrate(ctx); err != nil {
		return err
	}

	others, err := demo.Others(ctx, s)
	switch {
	case err != nil:
		return err
	case others > 0 && !into:
		return exit(exitUsage, "the database has %d people who are not of the seed, and nothing removes "+
			"the seed again: empty it, or write parley seed --%s", others, intoFlagName)
	}

	begin := time.Now()
	err = demo.Seed(ctx, s, begin)
	if errors.Is(err, demo.ErrSeeded) {
		fmt.Fprintln(in.out, "\nThe seed is there already. Sign in as Noor Haddad.")
		return nil
	}
	if err == nil {
		fmt.Fprintf(in.out, "\n30 people and 5,000 messages, after %s. Sign in as Noor Haddad.\n"+
			"There is no undo but to drop this database.\n", time.Since(begin).Round(time.Millisecond))
	}

	return err
}
