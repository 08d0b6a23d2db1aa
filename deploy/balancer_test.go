package deploy

import (
	"crypto/tls"
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
// replicas use, and that an interrupted run is repaired.
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

	// An interrupted run has replaced the key and not the certificate.
	other := t.TempDir()
	createCertificates(t, other)
	copyFile(t, filepath.Join(other, "parley.key"), filepath.Join(dir, "parley.key"))
	createCertificates(t, dir)

	if _, err := tls.LoadX509KeyPair(filepath.Join(dir, "parley.pem"), filepath.Join(dir, "parley.key")); err != nil {
		t.Errorf("after an interrupted run: %v", err)
	}

	if err := os.Remove(filepath.Join(dir, "parley.pem")); err != nil {
		t.Fatal(err)
	}

	createCertificates(t, dir)

	if read(t, filepath.Join(dir, "parley.pem")) == first {
		t.Error("a missing certificate was not created")
	}
}

// TestForeignCertificatesStayUntouched: an operator's certificate may expire tomorrow, be
// expired, have an unusual form, or be copied a moment after its key.
func TestForeignCertificatesStayUntouched(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		days  string
		ok    bool
	}{
		"20 days left":   {files: []string{"parley.pem", "parley.key"}, days: "20", ok: true},
		"a day left":     {files: []string{"parley.pem", "parley.key"}, days: "1", ok: true},
		"not PEM":        {files: []string{"parley.pem", "parley.key"}, ok: true},
		"key only":       {files: []string{"parley.key"}},
		"with a ca.pem":  {files: []string{"parley.pem", "parley.key", "ca.pem"}, days: "20", ok: true},
		"key and ca.pem": {files: []string{"parley.key", "ca.pem"}, days: "20"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			foreign := make(map[string]string)
			for _, file := range c.files {
				foreign[file] = "not a certificate"
				if c.days != "" && file != "parley.key" {
					foreign[file] = foreignCertificate(t, c.days)
				}
				if err := os.WriteFile(filepath.Join(dir, file), []byte(foreign[file]), 0o600); err != nil {
					t.Fatal(err)
				}
			}

			err := exec.CommandContext(t.Context(), "sh", "compose/certificates.sh", dir).Run()
			if (err == nil) != c.ok {
				t.Errorf("certificates.sh: %v", err)
			}

			for _, file := range c.files {
				if read(t, filepath.Join(dir, file)) != foreign[file] {
					t.Errorf("%s was changed", file)
				}
			}
		})
	}
}

// foreignCertificate returns a certificate in PEM that is valid for so many days.
func foreignCertificate(t *testing.T, days string) string {
	t.Helper()

	cmd := exec.CommandContext(t.Context(), "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-days", days, "-subj", "/O=Real CA/CN=chat.example.org",
		"-keyout", "/dev/null")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()

	if err := os.WriteFile(to, []byte(read(t, from)), 0o600); err != nil {
		t.Fatal(err)
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

	rendered = strings.ReplaceAll(rendered, "/tls/", dir+"/")
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
