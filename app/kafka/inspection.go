package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// problem is a mistake in Kafka that an operator must correct there.
type problem struct {
	advice string // names what is wrong and what to change

	// outage means that messages cannot be appended, would never be stored, or may be lost
	// after their acknowledgement. The log counts as down while there is such a problem.
	outage bool
}

// inspection is what the brokers report about the topics and this client's rights.
type inspection struct {
	missing    []string // topics that do not exist
	partitions int      // of the log; 0: it does not exist
	problems   []problem
}

// inspect requests the topics, their settings and this client's rights on them, and changes
// nothing. An error means that the brokers do not answer within timeout, which bounds
// each request.
func inspect(ctx context.Context, admin *kafka.AdminClient, o Options, timeout time.Duration) (i inspection, err error) {
	names := kafka.NewTopicCollectionOfTopicNames([]string{o.Topic, o.DeadTopic})
	result, err := admin.DescribeTopics(ctx, names,
		kafka.SetAdminRequestTimeout(timeout), kafka.SetAdminOptionIncludeAuthorizedOperations(true))
	if err != nil {
		return i, err
	}

	copies := map[string]int{} // of each topic that exists
	for _, t := range result.TopicDescriptions {
		on := resource{"topic", t.Name}
		switch code := t.Error.Code(); {
		case code == kafka.ErrTopicAuthorizationFailed:
			i.problems = append(i.problems, noRights(o, on, topicRights(o, t.Name))...)
		case isMissing(t.Error):
			i.missing = append(i.missing, t.Name)
		case code != kafka.ErrNoError:
			return i, t.Error
		default:
			i.addTopic(o, t)
			copies[t.Name] = copiesOf(t)
		}
	}

	if err := i.addSettings(ctx, admin, o, copies, timeout); err != nil {
		return i, err
	}
	return i, nil
}

// addTopic adds the problems that a topic's description shows.
func (i *inspection) addTopic(o Options, t kafka.TopicDescription) {
	i.problems = append(i.problems,
		missingRights(o, resource{"topic", t.Name}, topicRights(o, t.Name), t.AuthorizedOperations)...)
	if t.Name == o.Topic {
		i.partitions = len(t.Partitions)
	}
	if n := copiesOf(t); n > 0 && n < o.ReplicationFactor {
		i.problems = append(i.problems, problem{advice: fmt.Sprintf(
			"the topic %s has copies: %d, and KAFKA_REPLICATION_FACTOR is %d: give it more "+
				"(kafka-reassign-partitions.sh), or write %[2]d", t.Name, n, o.ReplicationFactor)})
	}
}

// copiesOf is the smallest number of copies of the topic's partitions.
func copiesOf(t kafka.TopicDescription) (copies int) {
	for n, p := range t.Partitions {
		if n == 0 || len(p.Replicas) < copies {
			copies = len(p.Replicas)
		}
	}
	return copies
}

// addSettings adds the problems with the settings of the topics.
func (i *inspection) addSettings(
	ctx context.Context, admin *kafka.AdminClient, o Options, copies map[string]int, timeout time.Duration,
) error {
	if len(copies) == 0 {
		return nil
	}
	var resources []kafka.ConfigResource
	for topic := range copies {
		resources = append(resources, kafka.ConfigResource{Type: kafka.ResourceTopic, Name: topic})
	}
	results, err := admin.DescribeConfigs(ctx, resources, kafka.SetAdminRequestTimeout(timeout))
	if err != nil {
		return err
	}

	for _, r := range results {
		switch r.Error.Code() {
		case kafka.ErrNoError:
			i.problems = append(i.problems, topicMistakes(o, r.Name, copies[r.Name], r.Config)...)
		case kafka.ErrTopicAuthorizationFailed:
			i.problems = append(i.problems, problem{advice: lacks(o, resource{"topic", r.Name}, "DescribeConfigs")})
		default:
			if !isMissing(r.Error) {
				return r.Error
			}
		}
	}
	return nil
}
