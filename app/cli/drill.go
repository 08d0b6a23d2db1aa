package cli

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"parley/app/config"
	"parley/app/drill"
)

const drillUsage = `parley drill [--for 5s] [--allow HOST]

The drill makes an installation of its own, kills and stalls each part of it in turn while people
write, and counts the messages that were lost. It needs nothing and leaves nothing behind.
--for is how long each fault lasts, at most an hour.

With DATABASE_URL or REDIS_URL set it refuses, unless --allow names that address's host: then the
drill runs on that service. It is not stopped: the drill's connections to it are cut and frozen.
It keeps the people and messages of the drill. Kafka can't be allowed: its brokers name addresses
of their own.

Exit codes: 1 something was lost, duplicated or out of order, or the drill failed; 2 it was refused.`

const maxFaultDuration = time.Hour

var drillCommand = command{
	name:    "drill",
	summary: "kill and stall each dependency of an installation of its own, and count the lost messages",
	usage:   drillUsage,
	writes:  writesNothing, // runDrill states what --allow names
	setup: func(flags *flag.FlagSet) action {
		duration := flags.Duration("for", 5*time.Second, "")
		allowed := flags.String("allow", "", "")
		return func(ctx context.Context, in invocation) error {
			if *duration < 0 || *duration > maxFaultDuration {
				return in.misuse("--for=%s won’t do: write a duration from 0s to 1h", *duration)
			}
			return runDrill(ctx, in, *duration, strings.Split(*allowed, ","))
		}
	},
}

func runDrill(ctx context.Context, in invocation, duration time.Duration, allowed []string) error {
	external, err := allowedServices(in.cfg, allowed)
	if err != nil {
		return err
	}

	for _, d := range []struct {
		name string
		dependency
	}{{"postgres", toPostgres}, {"redis", toRedis}} {
		if external[d.name] != "" {
			fmt.Fprintf(in.notes, "parley drill writes to %s\n", d.location(in.cfg))
		}
	}

	program, err := os.Executable()
	if err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "parley-drill-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	if err := os.Chmod(dir, 0o755); err != nil { // #nosec G302 -- Postgres may run as another user
		return err
	}

	rows, err := drill.Run(ctx, drill.Options{
		External: external,
		Program:  program,
		For:      duration,
		Dir:      dir,
		Log:      os.Stderr,
	})
	if len(rows) > 0 {
		fmt.Fprintln(os.Stderr)
		if err := drill.Print(in.out, rows); err != nil {
			return err
		}
	}

	return err
}

// allowedServices returns the addresses of the services that are not embedded and
// whose host is in allowed. It refuses a set address whose host isn't.
func allowedServices(cfg config.Config, allowed []string) (map[string]string, error) {
	if cfg.KafkaBrokers != "" {
		return nil, exit(exitUsage, "KAFKA_BROKERS is set, and a drill damages what it runs on: unset it")
	}

	addresses := map[string]string{}
	for _, service := range []struct{ name, setting, address string }{
		{"postgres", "DATABASE_URL", cfg.DatabaseURL},
		{"redis", "REDIS_URL", cfg.RedisURL},
	} {
		if service.address == "" {
			continue
		}
		u, err := url.Parse(service.address)
		if err != nil || u.Hostname() == "" || !slices.Contains(allowed, u.Hostname()) {
			return nil, exit(exitUsage, "%s is set, and a drill damages what it runs on: "+
				"unset it, or allow its host with --allow", service.setting)
		}
		addresses[service.name] = service.address
	}

	return addresses, nil
}
