package services

import (
	"context"
	"path/filepath"

	"parley/app/devservices"
)

// Postgres is a PostgreSQL server with durable commits, so a test can kill it.
func Postgres(dir string) *Service { return postgres(dir, "postgres", nil) }

// Standby is a PostgreSQL server that replays primary and answers reads.
func Standby(dir string, primary *Service) *Service { return postgres(dir, "standby", primary) }

func postgres(dir, name string, primary *Service) *Service {
	return &Service{Name: name, dir: dir, run: func(ctx context.Context, s *Service) (server, error) {
		options := devservices.PostgresOptions{Port: s.Port, Durable: true, Log: s.log()}
		if primary != nil {
			options.Primary = primary.URL
		}
		pg, err := devservices.StartPostgres(ctx, filepath.Join(s.dir, name), options)
		if err != nil {
			return nil, err
		}
		s.URL = pg.URL
		return pg, nil
	}}
}
