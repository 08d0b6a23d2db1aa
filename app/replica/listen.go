package replica

import (
	"fmt"
	"net"

	"parley/app/config"
)

// portsToTry is how many ports after a taken one are tried.
const portsToTry = 99

// Listen opens the replica's port. The error for a taken port names the next free one.
func Listen(cfg config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.Address())
	if err == nil {
		return l, nil
	}

	for port := cfg.Port + 1; port <= cfg.Port+portsToTry; port++ {
		next, otherErr := net.Listen("tcp", net.JoinHostPort(cfg.Host, fmt.Sprint(port)))
		if otherErr == nil {
			next.Close()
			return nil, fmt.Errorf("port %d is taken (%w): write PORT=%d, which is free", cfg.Port, err, port)
		}
	}

	return nil, err
}

// ListenForOperators opens the operators' port. If it is taken, the default port is
// replaced by the next free one, so that replicas run side by side on one machine; for
// an address in OPS_ADDR, the error names the next free one.
func ListenForOperators(cfg config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.OpsAddress())
	if err == nil {
		return l, nil
	}

	host, service, _ := net.SplitHostPort(cfg.OpsAddress())
	port, _ := net.LookupPort("tcp", service)
	for next := port + 1; next <= port+portsToTry; next++ {
		address := net.JoinHostPort(host, fmt.Sprint(next))
		l, otherErr := net.Listen("tcp", address)
		if otherErr != nil || next == cfg.Port {
			continue
		}
		if cfg.OpsAddr == "" {
			return l, nil
		}
		l.Close()
		return nil, fmt.Errorf("the operators' address %s is taken (%w): write OPS_ADDR=%s, which is free",
			cfg.OpsAddr, err, address)
	}

	return nil, fmt.Errorf("the operators' address %s: %w", cfg.OpsAddress(), err)
}
