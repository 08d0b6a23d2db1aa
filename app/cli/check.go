package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/replica"
)

// checkTimeout bounds the whole command: a dependency that hangs counts as one that
// doesn't answer.
const checkTimeout = 20 * time.Second

var checkCommand = command{
	name:    "check",
	summary: "check the settings and every dependency that they name; exit code 1 if something is wrong",
	usage: `parley check     check whether a replica would run with the settings and every dependency that they name

It starts and changes nothing. Exit codes: 0 everything is fine, 1 something must be changed.`,
	anySettings: true,
	writes:      writesNothing,
	setup:       plain(check),
}

// finding receives what was checked, how it is, and an error if it must be changed.
type finding func(subject, state string, err error)

// check prints one line for each finding. Wrong settings are findings too.
func check(ctx context.Context, in invocation) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()

	mistakes := 0
	report := func(subject, state string, err error) {
		if err == nil {
			fmt.Fprintf(in.out, "fine   %-11s %s\n", subject, state)
			return
		}
		for line := range strings.Lines(err.Error()) {
			mistakes++
			fmt.Fprintf(in.out, "WRONG  %-11s %s\n", subject, strings.TrimSpace(line))
		}
	}

	report("settings", "each by itself and all together", in.settingsErr)
	for _, part := range []func(context.Context, config.Config, finding){
		checkPort,
		checkPostgres,
		checkRedis,
		checkKafka,
		checkSignIn,
	} {
		part(ctx, in.cfg, report)
	}
	if mistakes > 0 {
		return fmt.Errorf("%d of these must be changed before Parley runs well", mistakes)
	}

	return nil
}

func checkPort(ctx context.Context, cfg config.Config, report finding) {
	const subject = "port"
	l, err := replica.Listen(cfg)
	switch {
	case err == nil:
		report(subject, cfg.Address()+" is free", l.Close())
	case healthcheck(ctx, cfg) == nil:
		report(subject, "a replica answers at "+cfg.Address()+" already", nil)
	default:
		report(subject, "", err)
	}
}

const embedded = "embedded: it comes with the first replica"

// checkPostgres reports each address of the database: primary, pooler, standby.
func checkPostgres(ctx context.Context, cfg config.Config, report finding) {
	if cfg.DatabaseURL == "" {
		report("PostgreSQL", embedded, nil)
		return
	}
	postgres.Check(ctx, replica.PostgresOptions(cfg, replica.Addresses{DatabaseURL: cfg.DatabaseURL}), report)
}

func checkRedis(ctx context.Context, cfg config.Config, report finding) {
	const subject = "Redis"
	if cfg.RedisURL == "" {
		report(subject, embedded, nil)
		return
	}
	report(subject, "it permits all that Parley does", redis.Check(ctx, cfg.RedisURL))
}

func checkKafka(ctx context.Context, cfg config.Config, report finding) {
	const subject = "Kafka"
	if cfg.KafkaBrokers == "" {
		report(subject, embedded, nil)
		return
	}

	o := replica.KafkaOptions(cfg, replica.Addresses{KafkaBrokers: cfg.KafkaBrokers})
	id := installationID(ctx, cfg)
	o.Installation = func() string { return id }
	partitions, err := kafka.Check(ctx, o)
	state := fmt.Sprintf("the topic %s has %d partitions", o.Topic, partitions)
	if partitions == 0 {
		state = "it answers; a start makes the topic " + o.Topic
	}

	report(subject, state, err)
}

// installationID returns the identity of the database, or "" if it has none yet or is not there,
// which checkPostgres reports.
func installationID(ctx context.Context, cfg config.Config) string {
	if cfg.DatabaseURL == "" {
		return ""
	}
	store, err := postgres.OpenWith(replica.PostgresOptions(cfg, replica.Addresses{DatabaseURL: cfg.DatabaseURL}))
	if err != nil {
		return ""
	}
	defer store.Close()
	id, err := store.InstallationID(ctx)
	if err != nil {
		return ""
	}
	return id.String()
}
