package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"parley/app/config"
	"parley/app/drill"
)

const drillUsage = `parley drill [--for 5s] [--allow HOST]

In an installation of its own, each part is killed and stalled in turn while people write; then it counts what was lost. It needs nothing and leaves nothing.

With DATABASE_URL or REDIS_URL set it refuses, unless --allow names that address's host: then the drill runs on that service. It is not stopped: the
drill's connections to it are cut and frozen. It keeps the people and messages of the drill. Kafka can't be allowed: its brokers name addresses of their own.
Exit codes: 1 something was lost, duplicated or out of order, or the drill failed; 2 it was refused.
`

// runDrill is the command.
func runDrill(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("drill", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	lasts := flags.Duration("for", 5*time.Second, "")
	allowed := flags.String("allow", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || *lasts < 0 || *lasts > time.Hour {
		return exit(exitUsage, "this isn't how to drill\n\n%s", drillUsage)
	}
	yours, err := mayDrill(cfg, strings.Split(*allowed, ","))
	if err != nil {
		return err
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
	if err := os.Chmod(dir, 0o755); err != nil { // #nosec G302 -- as root, Postgres runs as another user, who must reach it
		return err
	}
	rows, err := drill.Run(ctx, drill.Options{Yours: yours, Program: program, For: *lasts, Dir: dir, Log: os.Stderr})
	if len(rows) > 0 {
		fmt.Fprintln(os.Stderr)
		if err := drill.Print(out, rows); err != nil {
			return err
		}
	}
	return err
}

// mayDrill answers the parts that aren't embedded and may be drilled on: those whose hosts were named. With any other set it refuses.
func mayDrill(cfg config.Config, allowed []string) (map[string]string, error) {
	yours := map[string]string{}
	if cfg.KafkaBrokers != "" {
		return nil, exit(exitUsage, "KAFKA_BROKERS is set, and a drill hurts what it runs on: unset it")
	}
	for _, part := range []struct{ name, setting, address string }{{"postgres", "DATABASE_URL", cfg.DatabaseURL}, {"redis", "REDIS_URL", cfg.RedisURL}} {
		if part.address == "" {
			continue
		}
		u, err := url.Parse(part.address)
		if err != nil || u.Hostname() == "" || !slices.Contains(allowed, u.Hostname()) {
			return nil, exit(exitUsage, "%s is set, and a drill hurts what it runs on: unset it, or name its host after --allow if it may be hurt", part.setting)
		}
		yours[part.name] = part.address
	}
	return yours, nil
}
