package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"parley/app/config"
	"parley/app/drill"
)

const drillUsage = `parley drill [--for 5s]   in an installation of its own, kill and stall each part while people write, and count what is lost
`

// runDrill is the command. It hurts only what it has started itself: with a part of somebody's own set, it refuses.
func runDrill(ctx context.Context, cfg config.Config, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("drill", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	lasts := flags.Duration("for", 5*time.Second, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || *lasts < 0 || *lasts > time.Hour {
		return exit(exitUsage, "this isn't how to drill\n\n%s", drillUsage)
	}
	if err := mayDrill(cfg); err != nil {
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
	if err := os.Chmod(dir, 0o755); err != nil { // as root, Postgres runs as another user
		return err
	}
	rows, err := drill.Run(ctx, drill.Options{Program: program, For: *lasts, Dir: dir, Log: os.Stderr})
	if len(rows) > 0 {
		fmt.Fprintln(os.Stderr)
		if err := drill.Print(out, rows); err != nil {
			return err
		}
	}
	return err
}

func mayDrill(cfg config.Config) error {
	var set []string
	for _, s := range []struct{ name, value string }{{"DATABASE_URL", cfg.DatabaseURL}, {"REDIS_URL", cfg.RedisURL}, {"KAFKA_BROKERS", cfg.KafkaBrokers}} {
		if s.value != "" {
			set = append(set, s.name)
		}
	}
	if len(set) > 0 {
		return exit(exitUsage, "a drill kills and stalls what it runs on, so it runs on embedded services alone: unset %s", strings.Join(set, ", "))
	}
	return nil
}
