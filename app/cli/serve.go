package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

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

func serve(ctx context.Context, in invocation, showText bool) error {
	begin, cfg := time.Now(), in.cfg
	listener, err := replica.Listen(cfg)
	if err != nil {
		return err
	}

	operators, err := replica.ListenForOperators(cfg)
	if err != nil {
		return err
	}

	at, release, err := addresses(ctx, cfg, in.out)
	if err != nil {
		return err
	}
	defer release()

	addProc()
	logger := telemetry.NewLogger(os.Stderr, cfg.LogFormat == "json", cfg.LogLevel)
	setMemoryLimit(logger, cfg.Web, memlimit.FromCgroup)
	n, err := replica.New(cfg, at, replica.Options{
		Logger:    logger,
		Operators: operators,
		ShowText:  showText,
	})
	if err != nil {
		return err
	}

	return n.Run(ctx, listener, func() {
		fmt.Fprintf(in.out, "\nParley answers after %s at %s\nOperators look at http://%s/pipeline\n\n",
			time.Since(begin).Round(time.Millisecond), cfg.BaseURL(), operators.Addr())
	})
}
