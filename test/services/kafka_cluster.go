package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parley/app/devservices"
)

const kafkaNodes = 3

// kafkaClusterProperties move the partitions of a broker that sends no heartbeat for
// 2 s (default: 9 s) to other brokers. Brokers replicate over a listener of their own,
// so tests can put proxies in front of the other one.
const kafkaClusterProperties = `broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
inter.broker.listener.name=COPIES
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,COPIES:PLAINTEXT
`

// KafkaCluster is a Kafka cluster of three nodes, each broker and controller.
// Two of them are a quorum. Its URL is Parley's KAFKA_BROKERS.
func KafkaCluster(dir string) *Service {
	s := &Service{Name: "kafka-cluster", dir: dir}
	for n := range kafkaNodes {
		node := Kafka(dir)
		node.Name = fmt.Sprintf("kafka-%d", n+1)
		s.Nodes = append(s.Nodes, node)
	}
	s.run = func(ctx context.Context, s *Service) (server, error) { return nil, s.startKafka(ctx) }
	return s
}

// startKafka starts the stopped nodes concurrently.
func (s *Service) startKafka(ctx context.Context) error {
	if s.URL == "" {
		if err := s.formatKafkaCluster(ctx); err != nil {
			return fmt.Errorf("format: %w", err)
		}
	}

	results := make(chan error)
	for _, node := range s.Nodes {
		go func() {
			if node.server != nil {
				results <- nil
				return
			}
			results <- node.Start(ctx)
		}()
	}

	var err error
	for range s.Nodes {
		err = errors.Join(err, <-results)
	}
	if err != nil {
		return err
	}
	s.URL = strings.Join(s.urls(), ",")
	return s.awaitKafka(ctx)
}

// formatKafkaCluster formats the storage of the first node with Kafka's tool. The other
// nodes get a copy in which two lines differ, because the tool takes as long as the
// start of a node.
func (s *Service) formatKafkaCluster(ctx context.Context) error {
	jars, err := KafkaJars(ctx)
	if err != nil {
		return err
	}

	var controllers []int
	for _, node := range s.Nodes {
		controller, err1 := devservices.FreePort(0)
		port, err2 := devservices.FreePort(0)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		controllers, node.Port = append(controllers, controller), port
	}

	for i, node := range s.Nodes {
		replication, err := devservices.FreePort(0)
		if err != nil {
			return err
		}
		properties := kafkaNode{i + 1, controllers}.properties(node)
		listener := fmt.Sprintf(",COPIES://127.0.0.1:%d", replication)
		properties = listenerLines.ReplaceAllString(properties, "${0}"+listener) + kafkaClusterProperties
		if i == 0 {
			err = node.formatKafka(ctx, jars, properties)
		} else if err = os.WriteFile(node.kafkaProperties(), []byte(properties), 0o600); err == nil {
			err = node.copyKafkaStorage(s.Nodes[0], i+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var kafkaNodeLines = regexp.MustCompile(`(?m)^(node\.id|directory\.id)=.*$`)

// copyKafkaStorage copies the formatted storage of another node and sets the node id.
func (s *Service) copyKafkaStorage(formatted *Service, id int) error {
	if err := os.CopyFS(s.kafkaData(), os.DirFS(formatted.kafkaData())); err != nil {
		return err
	}
	name := filepath.Join(s.kafkaData(), "meta.properties")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}

	values := map[string]string{"node.id": fmt.Sprint(id), "directory.id": kafkaUUID()}
	replaced := 0
	text = kafkaNodeLines.ReplaceAllFunc(text, func(line []byte) []byte {
		replaced++
		key, _, _ := strings.Cut(string(line), "=")
		return []byte(key + "=" + values[key])
	})

	if replaced != len(values) {
		return fmt.Errorf("%s has %d of %d lines that differ between nodes: %s", name, replaced, len(values), text)
	}
	return os.WriteFile(name, text, 0o600)
}

// awaitKafka waits until all brokers are in the cluster, and every replica of
// every partition is in sync.
func (s *Service) awaitKafka(ctx context.Context) error {
	return s.withKafka(func(admin *kadm.Client) error {
		return devservices.Await(ctx, nil, func() error {
			meta, err := admin.Metadata(ctx)
			if err != nil {
				return err
			}
			if len(meta.Brokers) < len(s.Nodes) {
				return fmt.Errorf("%d of %d brokers", len(meta.Brokers), len(s.Nodes))
			}
			meta.Topics.EachPartition(func(p kadm.PartitionDetail) {
				if p.Err != nil || len(p.ISR) < len(p.Replicas) {
					err = errors.Join(err, fmt.Errorf("partition %d of %s is in sync at %v of %v: %w",
						p.Partition, p.Topic, p.ISR, p.Replicas, p.Err))
				}
			})
			return err
		})
	})
}

// Leader returns the current leader of a topic's partition.
func (s *Service) Leader(ctx context.Context, topic string, partition int32) (leader *Service, err error) {
	return leader, s.withKafka(func(admin *kadm.Client) error {
		topics, err := admin.ListTopics(ctx, topic)
		if err != nil {
			return err
		}
		p, ok := topics[topic].Partitions[partition]
		if !ok || p.Err != nil || p.Leader < 1 || int(p.Leader) > len(s.Nodes) {
			return fmt.Errorf("partition %d of %s has no leader: %v", partition, topic, p.Err)
		}
		leader = s.Nodes[p.Leader-1]
		return nil
	})
}

// MoveLeader makes a node the leader of all partitions of a topic, and returns when it
// is. Each partition must have a replica on every node.
func (s *Service) MoveLeader(ctx context.Context, topic string, leader *Service) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ids := []int32{int32(slices.Index(s.Nodes, leader) + 1)}
	for n := range s.Nodes {
		if id := int32(n + 1); id != ids[0] {
			ids = append(ids, id)
		}
	}

	return s.withKafka(func(admin *kadm.Client) error {
		topics, err := admin.ListTopics(ctx, topic)
		if err != nil {
			return err
		}
		var assignment kadm.AlterPartitionAssignmentsReq
		topics.EachPartition(func(p kadm.PartitionDetail) { assignment.Assign(topic, p.Partition, ids) })
		if _, err := admin.AlterPartitionAssignments(ctx, assignment); err != nil {
			return err
		}
		return devservices.Await(ctx, nil, func() error {
			if _, err := admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, topics.TopicsSet()); err != nil {
				return err
			}
			topics, err := admin.ListTopics(ctx, topic)
			topics.EachPartition(func(p kadm.PartitionDetail) {
				if p.Leader != ids[0] {
					err = errors.Join(err, fmt.Errorf("partition %d is led by %d: %w", p.Partition, p.Leader, p.Err))
				}
			})
			return err
		})
	})
}

// withKafka calls do with an admin client of the cluster.
func (s *Service) withKafka(do func(*kadm.Client) error) error {
	const metadataAge = 50 * time.Millisecond // the default, 5 s, would hide changes
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.URL, ",")...), kgo.MetadataMinAge(metadataAge))
	if err != nil {
		return err
	}
	defer client.Close()
	return do(kadm.NewClient(client))
}
