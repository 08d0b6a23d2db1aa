package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"parley/app/config"
)

const healthcheckTimeout = 2 * time.Second

var healthcheckCommand = command{
	name:    "healthy",
	summary: "exit code 0 if the replica of these settings lives; a container's health check",
	usage: `parley healthy     ask the replica of these settings, on this machine, whether it lives

Exit codes: 0 it answers, 1 it doesn't. Images without a shell call this as their health check.`,
	writes: writesNothing,
	setup:  plain(func(ctx context.Context, in invocation) error { return healthcheck(ctx, in.cfg) }),
}

// healthcheck requests /healthz of the replica that runs with cfg on this machine.
func healthcheck(ctx context.Context, cfg config.Config) error {
	host := cfg.Host
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}

	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()

	address := "http://" + net.JoinHostPort(host, strconv.Itoa(cfg.Port)) + "/healthz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}

	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("not healthy: %w", err)
	}
	defer res.Body.Close()

	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not healthy: %s answers %s", address, res.Status)
	}

	return nil
}
