package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"parley/app/postgres"
	"parley/app/replica"
)

var migrateCommand = command{
	name:    "migrate",
	summary: "bring the database of DATABASE_URL up to date",
	usage: `parley migrate              apply the missing migrations to the database of DATABASE_URL
parley migrate --status     say whether any is missing, and change nothing

A replica applies them when it starts, too. Migrating twice does no harm.`,
	writes: writesTo(toPostgres),
	setup: func(flags *flag.FlagSet) action {
		status := flags.Bool("status", false, "")
		return func(ctx context.Context, in invocation) error { return migrate(ctx, in, *status) }
	},
}

func migrate(ctx context.Context, in invocation, onlyStatus bool) error {
	if in.cfg.DatabaseURL == "" {
		return errors.New("set DATABASE_URL: the embedded database is migrated when Parley starts")
	}

	s, err := postgres.OpenWith(replica.PostgresOptions(in.cfg, replica.Addresses{DatabaseURL: in.cfg.DatabaseURL}))
	if err != nil {
		return err
	}
	defer s.Close()

	if onlyStatus {
		status, err := s.SchemaStatus(ctx)
		if err == nil {
			fmt.Fprintln(in.out, status)
		}
		return err
	}

	done, err := s.Migrate(ctx)
	if err == nil {
		fmt.Fprintf(in.out, "%d migrations applied\n", done)
	}

	return err
}
