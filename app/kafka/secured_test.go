package kafka

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/test/services"
	"parley/test/wait"
)

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}
func (l *lines) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }

// TestBrokersThatAskWhoComes: everything that speaks to the log gets through each door, and a refusal is told in words without the password.
func TestBrokersThatAskWhoComes(t *testing.T) {
	broker := services.SecuredKafka(t.TempDir())
	t.Cleanup(broker.Kill)
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	at := func(protocol, mechanism string) Options {
		name := "-" + uuid.NewString()[:8]
		o := Options{
			Brokers: broker.Listeners[protocol], Topic: Topic + name, DeadTopic: DeadTopic + name, Group: Group + name, Partitions: 3, ReplicationFactor: 1, MinInsyncReplicas: 1,
			Security: Security{Protocol: protocol, Mechanism: mechanism, Username: services.KafkaUser, Password: services.KafkaPassword},
		}
		if protocol == "SASL_SSL" {
			o.Security.CA = broker.CertificateFile()
		}
		return o
	}
	for name, o := range map[string]Options{
		"PLAIN": at("SASL_PLAINTEXT", "PLAIN"), "SCRAM": at("SASL_PLAINTEXT", "SCRAM-SHA-256"), "SCRAM over TLS": at("SASL_SSL", "SCRAM-SHA-256"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := EnsureTopics(ctx, o, quiet); err != nil {
				t.Fatal(err)
			}
			p := newProducer(t, o)
			if _, err := p.Append(ctx, message(uuid.New(), "hello")); err != nil {
				t.Fatal(err)
			}
			s := &shelf{}
			stop := runWriter(t, o, s, s, p, 0)
			wait.Until(t, "it is stored", s.has(1))
			stop()
			if letters, err := DeadLetters(ctx, o); err != nil || len(letters) != 0 {
				t.Errorf("dead letters: %v, %v", letters, err)
			}
			if n, err := Rewind(ctx, o, time.Time{}); err != nil || n != 1 {
				t.Errorf("rewound by %d: %v", n, err)
			}
		})
	}
	wrong, stranger := at("SASL_PLAINTEXT", "SCRAM-SHA-256"), at("SASL_SSL", "PLAIN")
	wrong.Security.Password, stranger.Security.CA = "wR0ng-and-secret", ""
	for name, c := range map[string]struct {
		options Options
		want    string
	}{"a wrong password": {wrong, "KAFKA_SASL_PASSWORD"}, "nobody vouches for the brokers": {stranger, "KAFKA_SSL_CA_LOCATION"}} {
		t.Run(name, func(t *testing.T) {
			log := &lines{}
			p, err := NewProducer(c.options, slog.New(slog.NewTextHandler(log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			wait.Until(t, "it is told", func() bool { return strings.Contains(log.String(), c.want) })
			if p.Up() || strings.Contains(log.String(), c.options.Security.Password) {
				t.Errorf("up %v; %s", p.Up(), log)
			}
		})
	}
}
