package deploy

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/test/services"
)

// createCertificates runs compose/certificates.sh in dir.
func createCertificates(t *testing.T, dir string) {
	t.Helper()

	out, err := exec.CommandContext(t.Context(), "sh", "compose/certificates.sh", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("certificates.sh: %v: %s", err, out)
	}
}

// TestCertificatesAreCreatedOnce also checks the host names that browsers and
// replicas use, and that an incomplete certificate is replaced.
func TestCertificatesAreCreatedOnce(t *testing.T) {
	dir := t.TempDir()
	createCertificates(t, dir)
	first := read(t, filepath.Join(dir, "parley.pem"))
	createCertificates(t, dir)

	if read(t, filepath.Join(dir, "parley.pem")) != first {
		t.Error("a valid certificate was replaced")
	}

	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(read(t, filepath.Join(dir, "ca.pem")))) {
		t.Fatal("ca.pem has no certificate")
	}

	block, _ := pem.Decode([]byte(first))

	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{"parley.localhost", "dex.localhost", "127.0.0.1"} {
		if _, err := certificate.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	if err := os.WriteFile(filepath.Join(dir, "parley.pem"), []byte(first[:40]), 0o600); err != nil {
		t.Fatal(err)
	}

	createCertificates(t, dir)

	if block, _ := pem.Decode([]byte(read(t, filepath.Join(dir, "parley.pem")))); block == nil {
		t.Error("an incomplete certificate was not replaced")
	}
}

// TestNginxAcceptsTheBalancersSettings renders the template as the official image
// does, and has the real nginx check the result.
func TestNginxAcceptsTheBalancersSettings(t *testing.T) {
	p := project(t)

	balancer, err := p.GetService("balancer")
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	createCertificates(t, dir)

	env := environment(balancer)
	for _, s := range replicas(t, p) {
		upstream := "server " + s.Networks["front"].Ipv4Address + ":8000 "
		if !strings.Contains(env["PARLEY_UPSTREAMS"], upstream) {
			t.Errorf("PARLEY_UPSTREAMS has no %q for %s", upstream, s.Name)
		}
	}

	rendered, err := services.RenderNginxConfig(env)
	if err != nil {
		t.Fatal(err)
	}

	rendered = strings.ReplaceAll(rendered, "/certificates/", dir+"/")
	main := fmt.Sprintf(
		"pid %s/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n%s\n}\n",
		dir,
		rendered,
	)

	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}

	cmd := exec.CommandContext(t.Context(), "nginx", "-t", "-p", dir, "-e", "stderr", "-c", file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("nginx -t: %v\n%s", err, out)
	}
}
