// Package services starts the real PostgreSQL, redis-server and Apache Kafka
// that tests need. Each can be killed, paused and started again on its port and
// its data.
package services

import (
	"context"
	"errors"
	"os"
)

// Set is a PostgreSQL, a Redis and a Kafka.
type Set struct {
	Postgres *Service
	Redis    *Service
	Kafka    *Service
}

// New returns a set with data below dir, before its start. With
// PARLEY_TEST_REDIS=cluster its Redis is a cluster of masters with one replica each.
func New(dir string) *Set {
	set := &Set{Postgres: Postgres(dir), Redis: Redis(dir), Kafka: Kafka(dir)}
	if os.Getenv("PARLEY_TEST_REDIS") == "cluster" {
		set.Redis = RedisCluster(dir, 1)
	}
	return set
}

// Start starts a new set with data below dir.
func Start(ctx context.Context, dir string) (*Set, error) {
	set := New(dir)
	return set, set.Start(ctx)
}

// Start starts all three services. If one fails, it stops the others.
func (s *Set) Start(ctx context.Context) error {
	results := make(chan error)
	for _, s := range s.all() {
		go func() { results <- s.Start(ctx) }()
	}
	err := errors.Join(<-results, <-results, <-results)
	if err != nil {
		s.Stop()
	}
	return err
}

// Stop kills all three services.
func (s *Set) Stop() {
	for _, s := range s.all() {
		s.Kill()
	}
}

func (s *Set) all() []*Service { return []*Service{s.Postgres, s.Redis, s.Kafka} }
