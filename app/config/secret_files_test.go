package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsFromFiles: every secret may come from a file, as it is mounted.
func TestSecretsFromFiles(t *testing.T) {
	values := map[string]string{
		"DATABASE_URL":           "postgres://u:nR7vqT2@db/parley",
		"DATABASE_DIRECT_URL":    "postgres://u:nR7vqT2@direct/parley",
		"DATABASE_READ_URL":      "postgres://u:nR7vqT2@read/parley",
		"REDIS_URL":              "redis://:nR7vqT2@redis:6379",
		"KAFKA_SASL_PASSWORD":    "nR7 vqT2 xK9",
		"KAFKA_SSL_KEY_PASSWORD": "nR7vqT2xK9",
		"GOOGLE_CLIENT_SECRET":   strong,
		"OIDC_CLIENT_SECRET":     strong + "x",
	}

	pairs := []string{
		"DATABASE_POOLER", "transaction", "KAFKA_BROKERS", "kafka:9092", "KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
		"KAFKA_SASL_MECHANISM", "PLAIN", "KAFKA_SASL_USERNAME", "parley", "GOOGLE_CLIENT_ID", "x",
		"OIDC_NAME", "Home", "OIDC_ISSUER", "https://id.example.org", "OIDC_CLIENT_ID", "y",
	}
	dir := t.TempDir()
	for name, value := range values {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(value+"\r\n\n"), 0o400); err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, name+fileSuffix, file)
	}

	c, err := Load(env(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"DATABASE_URL":           c.DatabaseURL,
		"DATABASE_DIRECT_URL":    c.DatabaseDirectURL,
		"DATABASE_READ_URL":      c.DatabaseReadURL,
		"REDIS_URL":              c.RedisURL,
		"KAFKA_SASL_PASSWORD":    c.KafkaSecurity.Password,
		"KAFKA_SSL_KEY_PASSWORD": c.KafkaSecurity.KeyPassword,
		"GOOGLE_CLIENT_SECRET":   c.GoogleClientSecret,
		"OIDC_CLIENT_SECRET":     c.OIDCClientSecret,
	} {
		if got != values[name] {
			t.Errorf("%s from a file: %q, want %q", name, got, values[name])
		}
	}

	// A new secret among the settings belongs into this test.
	for _, s := range Settings() {
		looksSecret := strings.HasSuffix(s.Name, "_PASSWORD") || strings.HasSuffix(s.Name, "_SECRET") ||
			s.Name == "REDIS_URL" || strings.HasPrefix(s.Name, "DATABASE_") && strings.HasSuffix(s.Name, "_URL")
		if _, tested := values[s.Name]; tested != s.Secret || looksSecret != s.Secret {
			t.Errorf("%s: Secret is %v", s.Name, s.Secret)
		}
	}
}

func TestSecretFilesRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o400); err != nil {
			t.Fatal(err)
		}
		return file
	}

	good := write("good", "redis://:canary@redis:6379\n")
	for name, tt := range map[string]struct{ file, value, want string }{
		"both":      {good, "redis://redis:6379", "REDIS_URL and REDIS_URL_FILE are both set: set one of them"},
		"missing":   {filepath.Join(dir, "nothing"), "", "REDIS_URL_FILE: " + dir + "/nothing can’t be read (no such file or directory)"},
		"directory": {dir, "", "can’t be read (is a directory)"},
		"empty":     {write("empty", "\n"), "", "is empty"},
		"two lines": {write("two", "redis://:canary@a:1\nredis://:canary@b:1\n"), "", "more than one line"},
		"another":   {write("large", strings.Repeat("canary", 4000)), "", "more than 16384 bytes"},
		"mistake":   {write("mistake", "https://:canary@redis"), "", "REDIS_URL: this won’t do"},
	} {
		_, err := Load(env("REDIS_URL_FILE", tt.file, "REDIS_URL", tt.value))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v; want …%s", name, err, tt.want)
		}
	}
}

func TestMisspeltSecretFiles(t *testing.T) {
	for _, tt := range []struct {
		environ []string
		want    string // "": no error
	}{
		{[]string{"REDIS_URL_FILE=/run/secrets/redis"}, ""},
		{[]string{"REDIS_URL_FILE=/run/secrets/redis", "REDIS_URI=redis://x"}, ""},
		{[]string{"REDIS_URL_FIEL=/run/secrets/redis"}, "write REDIS_URL_FILE"},
		{[]string{"GOOGLE_CLIENT_ID_FILE=/run/secrets/id"}, "only secrets are read from files: write GOOGLE_CLIENT_ID"},
	} {
		err := Misspelt(tt.environ)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v; want %q", tt.environ, err, tt.want)
		}
	}
}
