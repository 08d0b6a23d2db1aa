// Package cli is the command line of the parley program: one file for each command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"parley/app/config"
	"parley/app/devservices"
	"parley/app/postgres"
	"parley/app/replica"
)

// Main runs the command that the process's arguments name, until it ends or a
// signal interrupts it, and returns the exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "parley:", err)
		return exitCode(err)
	}
	return 0
}

func run(ctx context.Context, args []string) error {
	lookup, args, err := withRole(os.LookupEnv, args)
	if err != nil {
		return err
	}
	command := "serve"
	if len(args) > 0 && args[0] != showTextFlag {
		command = args[0]
	}
	if command == "--help" || command == "-h" || command == "help" {
		return help(os.Stdout)
	}
	cfg, err := config.Load(lookup)
	err = errors.Join(config.Misspelt(os.Environ()), err)
	switch {
	case command == "version":
		return version(os.Stdout)
	case command == "check":
		return check(ctx, cfg, err, os.Stdout)
	case err != nil:
		return err
	}
	switch command {
	case "serve":
		return serve(ctx, cfg, strings.TrimSpace(strings.TrimPrefix(strings.Join(args, " "), "serve")))
	case "migrate":
		return migrate(ctx, cfg)
	case "healthy":
		return healthy(ctx, cfg)
	case "seed":
		return seed(ctx, cfg)
	case "rewind":
		return rewind(ctx, cfg, args[1:])
	case "partitions":
		return partitions(ctx, cfg, args[1:])
	case "drill":
		return runDrill(ctx, cfg, args[1:], os.Stdout)
	case "dead-letters":
		return deadLetters(ctx, cfg, args[1:], os.Stdout)
	case "trace":
		return traceMessage(ctx, cfg, args[1:], os.Stdout)
	case "services": // started by a replica, see devservices
		return devservices.RunChild(ctx, cfg.DataDir, time.Duration(cfg.ServicesLinger)*time.Second)
	}
	return fmt.Errorf("there is no command %q: see parley --help", command)
}

// showTextFlag has the operators' pages show what people wrote.
const showTextFlag = "--show-text"

// serve runs a replica, with embedded services in place of what isn't set.
func serve(ctx context.Context, cfg config.Config, flags string) error {
	begin := time.Now()
	showText := flags == showTextFlag
	if flags != "" && !showText {
		return exit(exitUsage, "parley serve knows one flag, %s: see parley --help", showTextFlag)
	}
	listener, err := replica.Listen(cfg)
	if err != nil {
		return err
	}
	operators, err := replica.ListenForOperators(cfg)
	if err != nil {
		return err
	}
	at, lease, err := addresses(ctx, cfg, os.Stdout)
	if err != nil {
		return err
	}
	if lease != nil {
		defer lease.Close()
	}
	spareProcessor()
	n, err := replica.New(cfg, at, replica.Logger(cfg, os.Stderr))
	if err != nil {
		return err
	}
	n.Operate(operators, showText)
	return n.Run(ctx, listener, func() {
		fmt.Printf("\nParley answers after %s at %s\nOperators look at http://%s/pipeline\n\n", time.Since(begin).Round(time.Millisecond), cfg.BaseURL(), operators.Addr())
	})
}

// addresses finds the parts, starting the embedded ones, and reports them.
func addresses(ctx context.Context, cfg config.Config, report io.Writer) (replica.Addresses, *devservices.Lease, error) {
	at := replica.Addresses{DatabaseURL: cfg.DatabaseURL, RedisURL: cfg.RedisURL, KafkaBrokers: cfg.KafkaBrokers}
	parts := []devservices.Part{
		{Name: "postgres", What: "PostgreSQL", Where: "DATABASE_URL"}, {Name: "redis", What: "Redis", Where: "REDIS_URL"},
		{Name: "kafka", What: "Kafka", Where: "KAFKA_BROKERS"},
	}
	embedded := cfg.Embedded()
	if len(embedded) == 0 {
		devservices.Report(report, parts)
		return at, nil, nil
	}
	self, err := os.Executable()
	if err != nil {
		return at, nil, err
	}
	lease, err := devservices.Acquire(ctx, cfg.DataDir, embedded, self)
	if err != nil {
		return at, nil, err
	}
	for i, p := range parts {
		for _, own := range lease.Parts {
			if own.Name == p.Name {
				parts[i] = own
			}
		}
	}
	for name, field := range map[string]*string{"postgres": &at.DatabaseURL, "redis": &at.RedisURL, "kafka": &at.KafkaBrokers} {
		if url := lease.URL(name); url != "" {
			*field = url
		}
	}
	devservices.Report(report, parts)
	return at, lease, nil
}

// migrate brings the database up to date and ends.
func migrate(ctx context.Context, cfg config.Config) error {
	if cfg.DatabaseURL == "" {
		return errors.New("set DATABASE_URL: the embedded database is migrated when Parley starts")
	}
	s, err := postgres.OpenWith(replica.PostgresOptions(cfg, replica.Addresses{DatabaseURL: cfg.DatabaseURL}))
	if err != nil {
		return err
	}
	defer s.Close()
	done, err := s.Migrate(ctx)
	if err == nil {
		fmt.Printf("%d migrations applied\n", done)
	}
	return err
}
