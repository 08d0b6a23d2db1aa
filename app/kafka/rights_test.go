package kafka

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/services"
	"parley/test/wait"
)

// authorizingKafka is a broker that grants nothing by itself.
type authorizingKafka struct {
	*services.Service
	admin *kafka.AdminClient // of an administrator
}

func startAuthorizingKafka(t *testing.T) authorizingKafka {
	t.Helper()
	broker := services.AuthorizingKafka(t.TempDir())
	t.Cleanup(broker.Kill)
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return authorizingKafka{broker, newAdminClient(t, Options{Brokers: broker.URL})}
}

// log returns a log of the test's own, whose topics an administrator has created, for a user
// without rights.
func (k authorizingKafka) log(t *testing.T) Options {
	t.Helper()
	o := uniqueOptions(k.Listeners["SASL_PLAINTEXT"])
	byAdministrator := o
	byAdministrator.Brokers = k.URL
	if err := EnsureTopics(ctx, byAdministrator, quiet); err != nil {
		t.Fatal(err)
	}
	o.StoresLog = true
	o.Security = Security{
		Protocol:  "SASL_PLAINTEXT",
		Mechanism: "PLAIN",
		Username:  services.KafkaUser,
		Password:  services.KafkaPassword,
	}
	return o
}

// grant is a right of the user.
type grant struct {
	kind      kafka.ResourceType
	name      string
	operation kafka.ACLOperation
}

func (g grant) binding() kafka.ACLBinding {
	return kafka.ACLBinding{
		Type:                g.kind,
		Name:                g.name,
		ResourcePatternType: kafka.ResourcePatternTypeLiteral,
		Principal:           "User:" + services.KafkaUser,
		Host:                "*",
		Operation:           g.operation,
		PermissionType:      kafka.ACLPermissionTypeAllow,
	}
}

// grants are all rights that Parley needs on topics that exist.
func grants(o Options) []grant {
	return []grant{
		{kafka.ResourceTopic, o.Topic, kafka.ACLOperationRead},
		{kafka.ResourceTopic, o.Topic, kafka.ACLOperationWrite},
		{kafka.ResourceTopic, o.Topic, kafka.ACLOperationDescribeConfigs},
		{kafka.ResourceTopic, o.DeadTopic, kafka.ACLOperationRead},
		{kafka.ResourceTopic, o.DeadTopic, kafka.ACLOperationWrite},
		{kafka.ResourceTopic, o.DeadTopic, kafka.ACLOperationDescribeConfigs},
		{kafka.ResourceGroup, o.Group, kafka.ACLOperationRead},
	}
}

func (k authorizingKafka) grant(t *testing.T, list ...grant) {
	t.Helper()
	var bindings kafka.ACLBindings
	for _, g := range list {
		bindings = append(bindings, g.binding())
	}
	results, err := k.admin.CreateACLs(ctx, bindings)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			t.Fatal(r.Error)
		}
	}
}

func (k authorizingKafka) revoke(t *testing.T, list ...grant) {
	t.Helper()
	for _, g := range list {
		filter := kafka.ACLBindingFilter(g.binding())
		if _, err := k.admin.DeleteACLs(ctx, kafka.ACLBindingFilters{filter}); err != nil {
			t.Fatal(err)
		}
	}
}

// checkBecomes waits until the check finds mistakes: what was granted a moment ago may not
// have reached the broker.
func checkBecomes(t *testing.T, o Options, mistakes int, parts ...string) {
	t.Helper()
	var err error
	defer func() {
		if t.Failed() {
			t.Logf("want %d mistakes with %q, the last check found: %v", mistakes, parts, err)
		}
	}()
	wait.Until(t, "the check finds these mistakes", func() bool {
		_, err = Check(ctx, o)
		text := ""
		if err != nil {
			text = err.Error()
		}
		lines := 0
		if text != "" {
			lines = strings.Count(text, "\n") + 1
		}
		for _, part := range parts {
			if !strings.Contains(text, part) {
				return false
			}
		}
		return lines == mistakes
	})
	if mistakes > 0 {
		t.Log("mistake named:", parts)
	}
}

// TestRightsInKafka: without the right to create topics, ready-made ones are enough. The check
// names each missing right.
func TestRightsInKafka(t *testing.T) {
	t.Parallel()
	k := startAuthorizingKafka(t)

	t.Run("a producer without rights", func(t *testing.T) {
		o := k.log(t)
		log := &logBuffer{}
		p := startProducer(t, o, slog.New(slog.NewTextHandler(log, nil)))
		wait.Until(t, "the missing rights are logged", func() bool { return strings.Contains(log.String(), "lacks") })
		client, successors := p.currentClient(), 0
		wait.Until(t, "two successors of the producer failed too", func() bool {
			if now := p.currentClient(); now != client {
				client = now
				successors++
			}
			return successors > 2
		})
		if n := strings.Count(log.String(), "Failed to acquire idempotence PID"); p.Up() || n != 1 {
			t.Errorf("up %v, the failure is logged %d times:\n%s", p.Up(), n, log)
		}
		k.grant(t, grants(o)...)
		wait.Until(t, "the log is up", p.Up)
	})

	t.Run("all but Create", func(t *testing.T) {
		o := k.log(t)
		k.grant(t, grants(o)...)
		checkBecomes(t, o, 0)
		if err := EnsureTopics(ctx, o, quiet); err != nil {
			t.Fatal(err)
		}
		p, s := newProducer(t, o), &memoryStore{}
		mustAppend(t, p, message(uuid.New(), "hello"))
		runWriter(t, o, s, p)
		wait.Until(t, "the message is stored", s.has(1))
	})

	t.Run("each right", func(t *testing.T) {
		o := k.log(t)
		all := grants(o)
		names := map[kafka.ACLOperation]string{
			kafka.ACLOperationRead:            "lacks Read on",
			kafka.ACLOperationWrite:           "lacks Write on",
			kafka.ACLOperationDescribeConfigs: "lacks DescribeConfigs on",
		}
		checkBecomes(t, o, 3, o.Topic, o.DeadTopic, o.Group)
		k.grant(t, all...)
		for _, missing := range all {
			k.revoke(t, missing)
			checkBecomes(t, o, 1, names[missing.operation], missing.name)
			k.grant(t, missing)
		}
		checkBecomes(t, o, 0)
	})

	t.Run("missing topics without Create", func(t *testing.T) {
		o := k.log(t)
		k.grant(t, grants(o)...)
		if _, err := k.admin.DeleteTopics(ctx, []string{o.DeadTopic}); err != nil {
			t.Fatal(err)
		}
		checkBecomes(t, o, 1, o.DeadTopic, "--operation Create")
		k.grant(t, grant{kafka.ResourceTopic, o.DeadTopic, kafka.ACLOperationCreate})
		checkBecomes(t, o, 0)
	})

	t.Run("revoked while running", func(t *testing.T) {
		o := k.log(t)
		k.grant(t, grants(o)...)
		log := &logBuffer{}
		p := startProducer(t, o, slog.New(slog.NewTextHandler(log, nil)))
		wait.Until(t, "the log accepts messages", p.Up)
		s := &memoryStore{}
		runAndRestart(t, newWriter(o, s, p))
		for _, lost := range []grant{
			{kafka.ResourceTopic, o.Topic, kafka.ACLOperationWrite},
			{kafka.ResourceTopic, o.Topic, kafka.ACLOperationRead},
			{kafka.ResourceTopic, o.DeadTopic, kafka.ACLOperationWrite},
			{kafka.ResourceGroup, o.Group, kafka.ACLOperationRead},
		} {
			k.revoke(t, lost)
			wait.Log(t, "the log is down", func() bool { return !p.Up() })
			k.grant(t, lost)
			wait.Log(t, "the log is up", p.Up)
		}
		mustAppend(t, p, message(uuid.New(), "after all"))
		wait.Until(t, "a message is stored", s.has(1))
		if n := strings.Count(log.String(), "lacks Write on the topic "+o.Topic+":"); n != 1 {
			t.Errorf("the missing right is logged %d times:\n%s", n, log)
		}
	})
}
