package kafka

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/test/services"
	"parley/test/wait"
)

// logBuffer may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestSecuredBrokers: every client connects with each protocol and mechanism. A refusal is
// logged with advice and without the password.
func TestSecuredBrokers(t *testing.T) {
	t.Parallel()
	broker := services.SecuredKafka(t.TempDir())
	t.Cleanup(broker.Kill)
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	secured := func(protocol, mechanism string) Options {
		o := uniqueOptions(broker.Listeners[protocol])
		o.MinInsyncReplicas = 1
		o.Security = Security{
			Protocol:  protocol,
			Mechanism: mechanism,
			Username:  services.KafkaUser,
			Password:  services.KafkaPassword,
		}
		if protocol == "SASL_SSL" {
			o.Security.CA = broker.CertificateFile()
		}
		return o
	}

	for name, o := range map[string]Options{
		"PLAIN":          secured("SASL_PLAINTEXT", "PLAIN"),
		"SCRAM":          secured("SASL_PLAINTEXT", "SCRAM-SHA-256"),
		"SCRAM over TLS": secured("SASL_SSL", "SCRAM-SHA-256"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := EnsureTopics(ctx, o, quiet); err != nil {
				t.Fatal(err)
			}
			p := newProducer(t, o)
			mustAppend(t, p, message(uuid.New(), "hello"))
			s := &memoryStore{}
			stop := runWriter(t, o, s, p)
			wait.Until(t, "the message is stored", s.has(1))
			stop()
			if list := deadLetters(t, o); len(list) != 0 {
				t.Errorf("dead letters: %v", list)
			}
			if done, err := Rewind(ctx, o, RewindTo{}); err != nil || done.Records != 1 {
				t.Errorf("rewound: %+v, %v", done, err)
			}
		})
	}

	wrongPassword := secured("SASL_PLAINTEXT", "SCRAM-SHA-256")
	wrongPassword.Security.Password = "wR0ng-and-secret"
	unknownCA := secured("SASL_SSL", "PLAIN")
	unknownCA.Security.CA = ""
	for name, c := range map[string]struct {
		options Options
		advice  string
	}{
		"wrong password": {wrongPassword, "KAFKA_SASL_PASSWORD"},
		"unknown CA":     {unknownCA, "KAFKA_SSL_CA_LOCATION"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Check(ctx, c.options); err == nil || !strings.Contains(err.Error(), c.advice) {
				t.Errorf("the check says %v", err)
			}
			log := &logBuffer{}
			p := startProducer(t, c.options, slog.New(slog.NewTextHandler(log, nil)))
			wait.Until(t, "the refusal is logged", func() bool { return strings.Contains(log.String(), c.advice) })
			if p.Up() || strings.Contains(log.String(), c.options.Security.Password) {
				t.Errorf("up %v; %s", p.Up(), log)
			}
		})
	}
}
