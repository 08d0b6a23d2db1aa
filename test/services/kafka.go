package services

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"parley/app/devservices"
)

const kafkaProperties = `process.roles=broker,controller
node.id=%[1]d
controller.quorum.voters=%[2]s
listeners=PLAINTEXT://127.0.0.1:%[3]d,CONTROLLER://127.0.0.1:%[4]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[5]d
controller.listener.names=CONTROLLER
log.dirs=%[6]s
offsets.topic.replication.factor=%[7]d
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=%[7]d
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=%[7]d
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`

// Kafka is one node of Apache Kafka, broker and controller.
func Kafka(dir string) *Service {
	return &Service{Name: "kafka", dir: dir, run: func(ctx context.Context, s *Service) (server, error) {
		s.URL = fmt.Sprintf("127.0.0.1:%d", s.Port)
		cmd, err := kafkaCommand(ctx, s)
		if err != nil {
			return nil, err
		}
		return s.exec(ctx, cmd, func() error {
			client, err := kgo.NewClient(kgo.SeedBrokers(s.URL))
			if err != nil {
				return err
			}
			defer client.Close()
			return client.Ping(ctx)
		})
	}}
}

// kafkaNode is a node's id, from 1, and the ports of all controllers.
type kafkaNode struct {
	id          int
	controllers []int
}

func (n kafkaNode) properties(s *Service) string {
	var voters []string
	for i, port := range n.controllers {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", i+1, port))
	}
	return fmt.Sprintf(kafkaProperties, n.id, strings.Join(voters, ","), s.Port, n.controllers[n.id-1],
		cmp.Or(s.AdvertisedPort, s.Port), s.kafkaData(), len(n.controllers)) + s.Properties
}

func (s *Service) kafkaProperties() string { return filepath.Join(s.dir, s.Name+".properties") }
func (s *Service) kafkaData() string       { return filepath.Join(s.dir, s.Name) }

// kafkaCommand returns the command that runs a node. The first call formats the node's
// storage.
func kafkaCommand(ctx context.Context, s *Service) (*exec.Cmd, error) {
	jars, err := KafkaJars(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.kafkaProperties()); err != nil {
		if err := s.formatSingleKafka(ctx, jars); err != nil {
			return nil, err
		}
	}
	return java(context.Background(), s.dir, jars, "kafka.Kafka", s.kafkaProperties()), nil
}

func (s *Service) formatSingleKafka(ctx context.Context, jars string) error {
	controller, err := devservices.FreePort(0)
	if err != nil {
		return err
	}

	properties := kafkaNode{1, []int{controller}}.properties(s)
	if s.Listeners == nil {
		return s.formatKafka(ctx, jars, properties)
	}

	if properties, err = s.secure(properties); err != nil {
		return err
	}
	user := fmt.Sprintf("SCRAM-SHA-256=[name=%s,password=%s]", KafkaUser, KafkaPassword)
	return s.formatKafka(ctx, jars, properties, "--add-scram", user)
}

func (s *Service) formatKafka(ctx context.Context, jars string, properties string, options ...string) error {
	if err := os.WriteFile(s.kafkaProperties(), []byte(properties), 0o600); err != nil {
		return err
	}
	args := []string{"kafka.tools.StorageTool", "format", "-t", kafkaUUID(), "-c", s.kafkaProperties()}
	if out, err := java(ctx, s.dir, jars, append(args, options...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("format: %w: %s", err, out)
	}
	return nil
}

// kafkaUUID returns a random UUID in Kafka's notation.
func kafkaUUID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	id[0] &= 0x7f        // a leading "-" would look like an option
	return base64.RawURLEncoding.EncodeToString(id)
}

// java returns a command with a small heap and the fast first-tier compiler only.
func java(ctx context.Context, dir, jars string, args ...string) *exec.Cmd {
	options := []string{"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(jars, "*")}
	cmd := exec.CommandContext(ctx, "java", append(options, args...)...)
	cmd.Dir = dir
	return cmd
}

// KafkaJars returns the directory with the broker's jars: .cache/kafka in the
// repository, which Maven fills once from the pom in .ci/kafka.
func KafkaJars(ctx context.Context) (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}

	jars := filepath.Join(root, ".cache", "kafka")
	if _, err := os.Stat(filepath.Join(jars, "complete")); err == nil {
		return jars, nil
	}

	cmd := exec.CommandContext(ctx, "mvn", "-q", "-B", "dependency:copy-dependencies",
		"-DoutputDirectory="+jars, "-DincludeScope=runtime")
	cmd.Dir = filepath.Join(root, ".ci", "kafka")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mvn: %w: %s", err, out)
	}
	return jars, os.WriteFile(filepath.Join(jars, "complete"), nil, 0o644)
}

// repository returns the root of the repository: the first directory upwards with a
// docker-compose.yml. A go.mod is no criterion, because deploy and test/imagebuild are
// modules of their own.
func repository() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "docker-compose.yml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", fmt.Errorf("no docker-compose.yml above the working directory: %w", os.ErrNotExist)
}
