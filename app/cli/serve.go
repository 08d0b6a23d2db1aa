package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"parley/app/buildinfo"
	"parley/app/config"
	"parley/app/replica"
	"parley/app/telemetry"
)

const serveUsage = `parley [serve] [--role ROLES] [--show-text]     run a replica until it is interrupted

Embedded services replace the dependencies that no setting names: PostgreSQL, Redis and Kafka.

--role overrides the setting ROLES: web serves people, writer stores the messages in the log, web,writer does both.
--show-text has the operators' pages show the text of messages, which is hidden otherwise.`

var serveCommand = command{
	name:    "serve",
	summary: "the same as parley without a command",
	usage:   serveUsage,
	writes:  writesNothing, // its own report names every dependency
	setup: func(flags *flag.FlagSet) action {
		flags.Var(new(roleFlag), roleFlagName, "")
		showText := flags.Bool("show-text", false, "")
		return func(ctx context.Context, in invocation) error { return serve(ctx, in, *showText) }
	},
}

// serve runs a replica. With LOG_FORMAT=json everything that it prints is a log line, and
// nothing goes to the standard output.
func serve(ctx context.Context, in invocation, showText bool) error {
	begin, cfg, out := time.Now(), in.cfg, in.out
	json := cfg.LogFormat == "json"
	if json {
		out = io.Discard
	}

	logger := telemetry.NewLogger(in.notes, json, cfg.LogLevel)
	telemetry.CaptureStandardLog(logger)
	defer replica.LogPanic(logger, "main")

	setMemoryLimit(logger, cfg.Web, memlimit.FromCgroup)
	listener, err := replica.Listen(cfg)
	if err != nil {
		return err
	}

	operators, err := replica.ListenForOperators(cfg)
	if err != nil {
		return err
	}

	logger.Info("starting", startAttributes(cfg)...)
	at, release, err := addresses(ctx, cfg, out)
	if err != nil {
		return err
	}
	defer release()

	addProc()
	n, err := replica.New(cfg, at, replica.Options{
		Logger:    logger,
		Operators: operators,
		ShowText:  showText,
	})
	if err != nil {
		return err
	}

	err = n.Run(ctx, listener, func() {
		took := time.Since(begin)
		logger.Info("ready", "replica", n.Name, "url", cfg.BaseURL(), "took_seconds", took)
		fmt.Fprintf(out, "\nParley answers after %s at %s\nOperators look at http://%s/pipeline\n\n",
			took.Round(time.Millisecond), cfg.BaseURL(), operators.Addr())
	})
	if err == nil {
		logger.Info("stopped", "replica", n.Name, "uptime_seconds", time.Since(begin))
	}
	return err
}

// startAttributes are the settings that explain most of a replica's behaviour, without
// users and passwords.
func startAttributes(cfg config.Config) []any {
	build := buildinfo.Read()
	var roles []string
	if cfg.Web {
		roles = append(roles, "web")
	}
	if cfg.Writer {
		roles = append(roles, "writer")
	}

	return []any{
		"version", build.Version,
		"commit", build.Commit,
		"go", build.Go,
		"replica", replica.Name(cfg),
		"roles", roles,
		"listen", cfg.Address(),
		"operators", cfg.OpsAddress(),
		"url", cfg.BaseURL(),
		"postgres", toPostgres.location(cfg),
		"redis", toRedis.location(cfg),
		"kafka", toKafka.location(cfg),
		"log_level", cfg.LogLevel.String(),
	}
}

// logsJSON reports whether the arguments run a replica that logs JSON. It is asked when
// the settings may be wrong.
func logsJSON(args []string) bool {
	c, _, err := findCommand(args)
	return err == nil && c.name == serveCommand.name && strings.EqualFold(os.Getenv("LOG_FORMAT"), "json")
}

// printError prints the error that ends the program, as a log line after a replica that
// logs JSON.
func printError(w io.Writer, args []string, err error) {
	if logsJSON(args) {
		telemetry.NewLogger(w, true, slog.LevelInfo).Error("stopped", "error", err)
		return
	}
	fmt.Fprintln(w, "parley:", err)
}
