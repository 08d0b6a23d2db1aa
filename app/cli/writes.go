package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/user"
	"path"
	"strings"

	"parley/app/audit"
	"parley/app/config"
	"parley/app/telemetry"
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
		fmt.Fprintf(notes, "parley %s writes to %s\n", c.name, d.location(cfg))
	}
}

// audit writes the audit line of a command that changes a dependency, after it ran.
func (c command) audit(ctx context.Context, notes io.Writer, cfg config.Config, args []string, err error) {
	if len(c.writes(args)) == 0 {
		return
	}

	logger := telemetry.NewLogger(notes, cfg.LogFormat == "json", cfg.LogLevel).With("pkg", "audit")
	audit.Write(ctx, logger, audit.Entry{
		Action:   audit.RunCommand,
		Operator: operator(),
		Target:   strings.Join(append([]string{c.name}, args...), " "),
		Err:      err,
	})
}

// operator returns the account on this machine that runs the command, or that ran sudo.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// location names a dependency of the settings: its address, database or directory, but
// never its user or password.
func (d dependency) location(cfg config.Config) string {
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
