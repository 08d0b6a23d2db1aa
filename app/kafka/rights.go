package kafka

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// resource is something in Kafka on which a client has rights.
type resource struct {
	kind string // "topic", "group" or "cluster", as in the flags of kafka-acls.sh
	name string // "" for the cluster
}

// right is an operation on a resource that Parley needs.
type right struct {
	operation kafka.ACLOperation
	outage    bool // without it messages are not appended, or never stored
}

// topicRights are the rights that Parley needs on a topic.
func topicRights(o Options, topic string) []right {
	if topic == o.DeadTopic {
		return []right{
			{kafka.ACLOperationDescribe, o.StoresLog},
			{kafka.ACLOperationRead, false},
			{kafka.ACLOperationWrite, o.StoresLog},
		}
	}
	return []right{
		{kafka.ACLOperationDescribe, true},
		{kafka.ACLOperationRead, o.StoresLog},
		{kafka.ACLOperationWrite, true},
	}
}

// groupRights are the rights that Parley needs on the consumer group.
func groupRights(o Options) []right { return []right{{kafka.ACLOperationRead, o.StoresLog}} }

// missingRights returns the problem with the rights that the brokers do not name in allowed.
// nil: these brokers do not report rights.
func missingRights(o Options, on resource, needed []right, allowed []kafka.ACLOperation) []problem {
	if allowed == nil {
		return nil
	}
	var missing []string
	outage := false
	for _, r := range needed {
		if !slices.Contains(allowed, r.operation) && !slices.Contains(allowed, kafka.ACLOperationAll) {
			missing = append(missing, operationName(r.operation))
			outage = outage || r.outage
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return []problem{{outage: outage, advice: lacks(o, on, missing...)}}
}

// noRights is the problem with a resource that the brokers hide from this client.
func noRights(o Options, on resource, needed []right) []problem {
	return missingRights(o, on, needed, []kafka.ACLOperation{})
}

// lacks is the advice for rights that Kafka does not grant.
func lacks(o Options, on resource, operations ...string) string {
	what := strings.TrimSpace(on.kind + " " + on.name)
	return fmt.Sprintf("Parley's user lacks %s on the %s: run kafka-acls.sh --bootstrap-server %s --add "+
		"--allow-principal User:%s --operation %s --%s",
		strings.Join(operations, " and "), what, firstBroker(o), cmp.Or(o.Security.Username, "NAME"),
		strings.Join(operations, " --operation "), what)
}

// operationName is an operation's name in Kafka's documentation.
func operationName(op kafka.ACLOperation) string {
	switch op {
	case kafka.ACLOperationRead:
		return "Read"
	case kafka.ACLOperationWrite:
		return "Write"
	case kafka.ACLOperationDescribe:
		return "Describe"
	}
	return op.String()
}
