package cli

import (
	"context"
	"io"
	"os"

	"parley/app/config"
	"parley/app/devservices"
	"parley/app/replica"
)

// addresses returns the addresses of the dependencies, after it has started the
// embedded ones, and prints a line for each. The caller calls release when it no
// longer needs the embedded services.
func addresses(
	ctx context.Context, cfg config.Config, report io.Writer,
) (at replica.Addresses, release func(), err error) {
	at = replica.Addresses{DatabaseURL: cfg.DatabaseURL, RedisURL: cfg.RedisURL, KafkaBrokers: cfg.KafkaBrokers}
	parts := []devservices.Service{
		{Name: "postgres", Product: "PostgreSQL", Location: "DATABASE_URL"},
		{Name: "redis", Product: "Redis", Location: "REDIS_URL"},
		{Name: "kafka", Product: "Kafka", Location: "KAFKA_BROKERS"},
	}
	embedded := cfg.Embedded()
	if len(embedded) == 0 {
		devservices.Report(report, parts)
		return at, func() {}, nil
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
		for _, own := range lease.Services {
			if own.Name == p.Name {
				parts[i] = own
			}
		}
	}
	for name, field := range map[string]*string{
		"postgres": &at.DatabaseURL,
		"redis":    &at.RedisURL,
		"kafka":    &at.KafkaBrokers,
	} {
		if url := lease.URL(name); url != "" {
			*field = url
		}
	}
	devservices.Report(report, parts)
	return at, func() { lease.Close() }, nil
}
