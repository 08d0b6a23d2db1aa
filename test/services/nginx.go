package services

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Nginx is the balancer of deploy/nginx, at https://127.0.0.1:PORT with a certificate of its own, in front of replicas (host:port).
func Nginx(dir string, replicas ...string) *Service {
	return &Service{Name: "nginx", dir: dir, run: func(ctx context.Context, s *Service) (*os.Process, <-chan struct{}, error) {
		s.URL = fmt.Sprintf("https://127.0.0.1:%d", s.Port)
		config, err := s.balancer(replicas)
		if err != nil {
			return nil, nil, err
		}
		cmd := exec.Command("nginx", "-p", s.dir, "-c", config, "-e", "stderr")
		return s.exec(ctx, cmd, func() error {
			conn, err := tls.Dial("tcp", s.URL[len("https://"):], &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // its own certificate
			if err != nil {
				return err
			}
			return conn.Close()
		})
	}}
}

// Balance gives a running Nginx other replicas: it finishes what is under way with the old ones.
func (s *Service) SetUpstreams(replicas ...string) error {
	if _, err := s.balancer(replicas); err != nil {
		return err
	}
	return s.proc.Signal(syscall.SIGHUP)
}

// balancer fills in the template, and answers nginx' main configuration.
func (s *Service) balancer(replicas []string) (string, error) {
	certificate, key, err := s.certificate()
	if err != nil {
		return "", err
	}
	servers := make([]string, len(replicas))
	for i, r := range replicas {
		servers[i] = "server " + r + " max_fails=1 fail_timeout=1s;"
	}
	parley, err := RenderNginxConfig(map[string]string{"PARLEY_UPSTREAMS": strings.Join(servers, "\n    "), "PARLEY_LISTEN": fmt.Sprintf("127.0.0.1:%d", s.Port),
		"PARLEY_CERTIFICATE": certificate, "PARLEY_KEY": key})
	if err != nil {
		return "", err
	}
	main := fmt.Sprintf(`daemon off;
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
`, s.dir)
	if os.Getuid() == 0 {
		main = "user root;\n" + main
	}
	config := filepath.Join(s.dir, "nginx.conf")
	if err := os.WriteFile(filepath.Join(s.dir, "parley.conf"), []byte(parley), 0o600); err != nil {
		return "", err
	}
	return config, os.WriteFile(config, []byte(main), 0o600)
}

// FillBalancer fills in deploy/nginx/parley.conf.template as nginx' official image does: variables of the environment, none but these.
func RenderNginxConfig(environment map[string]string) (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	template, err := os.ReadFile(filepath.Join(root, "deploy", "nginx", "parley.conf.template"))
	if err != nil {
		return "", err
	}
	filled := string(template)
	for name, value := range environment {
		filled = strings.ReplaceAll(filled, "${"+name+"}", value)
	}
	if _, rest, missing := strings.Cut(filled, "${PARLEY_"); missing {
		name, _, _ := strings.Cut(rest, "}")
		return "", fmt.Errorf("the balancer's template wants PARLEY_%s too", name)
	}
	return filled, nil
}

// certificate makes one for 127.0.0.1, once.
func (s *Service) certificate() (certificate, key string, err error) {
	certificate, key = filepath.Join(s.dir, "certificate.pem"), filepath.Join(s.dir, "key.pem")
	if _, err := os.Stat(key); err == nil {
		return certificate, key, nil
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Parley's tests"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return "", "", err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	for name, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			return "", "", err
		}
	}
	return certificate, key, nil
}
