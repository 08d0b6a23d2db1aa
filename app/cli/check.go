package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"parley/app/config"
	"parley/app/kafka"
	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/replica"
)

// checkTimeout bounds the whole command: a part that hangs is one that doesn't answer.
const checkTimeout = 20 * time.Second

// check tells of the settings, and of each part that they name, whether a replica would run with them. wrong is what reading the settings found. It starts
// and changes nothing. What won't do is an error, and the exit code 1.
func check(ctx context.Context, cfg config.Config, wrong error, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found := 0
	tell := func(part, how string, err error) {
		if err == nil {
			fmt.Fprintf(out, "fine   %-11s %s\n", part, how)
			return
		}
		for line := range strings.Lines(err.Error()) {
			found++
			fmt.Fprintf(out, "WRONG  %-11s %s\n", part, strings.TrimSpace(line))
		}
	}
	tell("settings", "each by itself and all together", wrong)
	tell(lookAtPort(ctx, cfg))
	lookAtPostgres(ctx, cfg, tell)
	for _, look := range []func(context.Context, config.Config) (part, how string, err error){lookAtRedis, lookAtKafka, lookAtProvider} {
		tell(look(ctx, cfg))
	}
	if found > 0 {
		return fmt.Errorf("%d of these must be changed before Parley runs well", found)
	}
	return nil
}

func lookAtPort(ctx context.Context, cfg config.Config) (part, how string, err error) {
	part = "port"
	l, err := replica.Listen(cfg)
	if err == nil {
		return part, cfg.Address() + " is free", l.Close()
	}
	if healthy(ctx, cfg) == nil {
		return part, "a replica answers at " + cfg.Address() + " already", nil
	}
	return part, "", err
}

const embedded = "embedded: it comes with the first replica"

// lookAtPostgres tells of each way there.
func lookAtPostgres(ctx context.Context, cfg config.Config, tell func(part, how string, err error)) {
	if cfg.DatabaseURL == "" {
		tell("PostgreSQL", embedded, nil)
		return
	}
	postgres.Check(ctx, replica.PostgresOptions(cfg, replica.Addresses{DatabaseURL: cfg.DatabaseURL}), tell)
}

func lookAtRedis(ctx context.Context, cfg config.Config) (part, how string, err error) {
	if part = "Redis"; cfg.RedisURL == "" {
		return part, embedded, nil
	}
	return part, "it answers", redis.Check(ctx, cfg.RedisURL)
}

func lookAtKafka(ctx context.Context, cfg config.Config) (part, how string, err error) {
	if part = "Kafka"; cfg.KafkaBrokers == "" {
		return part, embedded, nil
	}
	o := replica.KafkaOptions(cfg, replica.Addresses{KafkaBrokers: cfg.KafkaBrokers})
	partitions, err := kafka.Check(ctx, o)
	if partitions == 0 {
		return part, "it answers; a start makes the topic " + o.Topic, err
	}
	return part, fmt.Sprintf("the topic %s has %d partitions", o.Topic, partitions), err
}

// lookAtProvider reads what the provider says of itself (OpenID Connect Discovery 1.0, section 4), whose issuer must be the setting, letter by letter.
func lookAtProvider(ctx context.Context, cfg config.Config) (part, how string, err error) {
	part = "sign-in"
	switch {
	case cfg.OIDCIssuer == "" && cfg.GoogleClientID != "":
		return part, "with Google; its redirect URI is " + cfg.BaseURL() + "/auth/google/callback", nil
	case cfg.OIDCIssuer == "" && cfg.MayDevSignIn():
		return part, "the development sign-in, on this machine only", nil
	case cfg.OIDCIssuer == "":
		return part, "", errors.New("nobody can sign in: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or OIDC_NAME, OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
	}
	says, err := issuerOf(ctx, cfg.OIDCIssuer)
	if err != nil {
		return part, "", err
	}
	if says != cfg.OIDCIssuer {
		return part, "", fmt.Errorf("the provider calls itself %q: write that in OIDC_ISSUER, letter by letter", says)
	}
	return part, "with " + cfg.OIDCName + "; its redirect URI is " + cfg.BaseURL() + "/auth/oidc/callback", nil
}

func issuerOf(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return "", err
	}
	silent := fmt.Errorf("no provider answers at OIDC_ISSUER: %s should give its configuration", req.URL.Redacted())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		var none *net.OpError
		if errors.As(err, &none) || errors.Is(err, context.DeadlineExceeded) {
			return "", silent
		}
		return "", fmt.Errorf("%w (%w)", silent, err)
	}
	defer res.Body.Close()
	var said struct {
		Issuer string `json:"issuer"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&said); err != nil || res.StatusCode != http.StatusOK {
		return "", silent
	}
	return said.Issuer, nil
}
