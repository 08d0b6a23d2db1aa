package cli

import (
	"fmt"
	"io"
	"net/url"
	"path"

	"parley/app/config"
)

// dependency is a service that commands write to.
type dependency string

const (
	toPostgres dependency = "PostgreSQL"
	toRedis    dependency = "Redis"
	toKafka    dependency = "Kafka"
)

// writesNothing is the row of a command that changes no dependency.
func writesNothing([]string) []dependency { return nil }

// writesTo is the row of a command that changes these dependencies with any arguments.
func writesTo(list ...dependency) func([]string) []dependency {
	return func([]string) []dependency { return list }
}

// announce prints where the command writes with these arguments, before it runs.
func (c command) announce(notes io.Writer, cfg config.Config, args []string) {
	for _, d := range c.writes(args) {
		fmt.Fprintf(notes, "parley %s writes to %s\n", c.name, d.place(cfg))
	}
}

// place names a dependency of the settings: its address, database or directory, but
// never its user or password.
func (d dependency) place(cfg config.Config) string {
	address := map[dependency]string{
		toPostgres: cfg.DatabaseURL,
		toRedis:    cfg.RedisURL,
		toKafka:    cfg.KafkaBrokers,
	}[d]

	if address == "" {
		return "the embedded " + string(d) + " in " + cfg.DataDir
	}
	if d == toKafka {
		return "Kafka at " + address
	}

	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return string(d) + " at the address in its setting"
	}
	return string(d) + " at " + path.Join(u.Host, u.Path)
}
