package services

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const nginxConfig = `daemon off;
worker_processes 2;
pid %[1]s/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path %[1]s/nginx-body;
    proxy_temp_path %[1]s/nginx-proxy;
    fastcgi_temp_path %[1]s/nginx-fastcgi;
    uwsgi_temp_path %[1]s/nginx-uwsgi;
    scgi_temp_path %[1]s/nginx-scgi;
    include %[1]s/parley.conf;
}
`

// Nginx is the balancer of deploy/nginx in front of replicas (host:port), at
// https://127.0.0.1:PORT with a self-signed certificate.
func Nginx(dir string, replicas ...string) *Service {
	return &Service{Name: "nginx", dir: dir, run: func(ctx context.Context, s *Service) (server, error) {
		config, err := s.writeNginxConfig(replicas)
		if err != nil {
			return nil, err
		}
		address := fmt.Sprintf("127.0.0.1:%d", s.Port)
		s.URL = "https://" + address
		cmd := exec.Command("nginx", "-p", s.dir, "-c", config, "-e", "stderr")
		return s.exec(ctx, cmd, func() error {
			conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // self-signed
			if err != nil {
				return err
			}
			return conn.Close()
		})
	}}
}

// SetUpstreams changes the replicas of a running Nginx. The old replicas finish the
// requests in flight.
func (s *Service) SetUpstreams(replicas ...string) error {
	if _, err := s.writeNginxConfig(replicas); err != nil {
		return err
	}
	return s.server.Process().Signal(syscall.SIGHUP)
}

// writeNginxConfig writes the configuration and returns the name of its main file.
func (s *Service) writeNginxConfig(replicas []string) (config string, err error) {
	certificate, key := filepath.Join(s.dir, "certificate.pem"), filepath.Join(s.dir, "key.pem")
	if err := ensureCertificate(certificate, key); err != nil {
		return "", err
	}

	upstreams := make([]string, len(replicas))
	for i, r := range replicas {
		upstreams[i] = "server " + r + " max_fails=1 fail_timeout=1s;"
	}

	parley, err := RenderNginxConfig(map[string]string{
		"PARLEY_UPSTREAMS":   strings.Join(upstreams, "\n    "),
		"PARLEY_LISTEN":      fmt.Sprintf("127.0.0.1:%d", s.Port),
		"PARLEY_CERTIFICATE": certificate,
		"PARLEY_KEY":         key,
	})
	if err != nil {
		return "", err
	}

	main := fmt.Sprintf(nginxConfig, s.dir)
	if os.Getuid() == 0 {
		main = "user root;\n" + main
	}

	config = filepath.Join(s.dir, "nginx.conf")
	return config, errors.Join(
		os.WriteFile(filepath.Join(s.dir, "parley.conf"), []byte(parley), 0o600),
		os.WriteFile(config, []byte(main), 0o600),
	)
}

// ensureCertificate writes a self-signed certificate and its key, unless they
// exist.
func ensureCertificate(certificate, key string) error {
	if _, err := os.Stat(key); err == nil {
		return nil
	}
	public, private, err := selfSigned()
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(certificate, public, 0o600), os.WriteFile(key, private, 0o600))
}

// RenderNginxConfig renders deploy/nginx/parley.conf.template as nginx' official image
// does: it replaces ${NAME} only for the names in environment. A remaining PARLEY_
// variable is an error.
func RenderNginxConfig(environment map[string]string) (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}

	template, err := os.ReadFile(filepath.Join(root, "deploy", "nginx", "parley.conf.template"))
	if err != nil {
		return "", err
	}

	config := string(template)
	for name, value := range environment {
		config = strings.ReplaceAll(config, "${"+name+"}", value)
	}

	if _, rest, missing := strings.Cut(config, "${PARLEY_"); missing {
		name, _, _ := strings.Cut(rest, "}")
		return "", fmt.Errorf("the balancer's template also needs PARLEY_%s", name)
	}
	return config, nil
}
