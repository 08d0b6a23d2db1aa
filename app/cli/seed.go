package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/app/config"
	"parley/app/demo"
	"parley/app/postgres"
	"parley/app/replica"
)

// seed fills the database of DATABASE_URL, or the embedded one, with a believable installation.
func seed(ctx context.Context, cfg config.Config) error {
	at, lease, err := addresses(ctx, cfg, os.Stdout)
	if err != nil {
		return err
	}
	if lease != nil {
		defer lease.Close()
	}
	s, err := postgres.OpenWith(replica.PostgresOptions(cfg, at))
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
		fmt.Println("\nThe seed is there already. Sign in as Noor Haddad.")
		return nil
	}
	if err == nil {
		fmt.Printf("\n30 people and 5,000 messages, after %s. Sign in as Noor Haddad.\n", time.Since(begin).Round(time.Millisecond))
	}
	return err
}
