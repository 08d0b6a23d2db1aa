package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/app/demo"
	"parley/app/postgres"
	"parley/app/replica"
)

var seedCommand = command{
	name:    "seed",
	summary: "fill the database with people and conversations to try (the embedded one too)",
	usage: `parley seed     fill the database of DATABASE_URL, or the embedded one, with people and conversations to try

It makes 30 people and 5,000 messages. A database that has them already is left as it is.`,
	setup: plain(seed),
}

func seed(ctx context.Context, in invocation) error {
	at, release, err := addresses(ctx, in.cfg, in.out)
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

	begin := time.Now()
	err = demo.Seed(ctx, s, begin)
	if errors.Is(err, demo.ErrSeeded) {
		fmt.Fprintln(in.out, "\nThe seed is there already. Sign in as Noor Haddad.")
		return nil
	}
	if err == nil {
		fmt.Fprintf(in.out, "\n30 people and 5,000 messages, after %s. Sign in as Noor Haddad.\n",
			time.Since(begin).Round(time.Millisecond))
	}

	return err
}
