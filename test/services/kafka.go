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

// kafkaNode is a node's place among the voters, whose controllers listen at these ports.
type kafkaNode struct {
	id          int
	controllers []int
}

func (n kafkaNode) properties(s *Service) []byte {
	var voters []string
	for i, port := range n.controllers {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", i+1, port))
	}
	return fmt.Appendf(nil, kafkaProperties, n.id, strings.Join(voters, ","), s.Port, n.controllers[n.id-1], cmp.Or(s.AdvertisedPort, s.Port), s.kafkaData(), len(n.controllers))
}

func (s *Service) kafkaProperties() string { return filepath.Join(s.dir, s.Name+".properties") }
func (s *Service) kafkaData() string       { return filepath.Join(s.dir, s.Name) }

// kafkaCommand formats the storage the first time, and gives the command that serves it.
func kafkaCommand(ctx context.Context, s *Service) (*exec.Cmd, error) {
	jars, err := KafkaJars(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.kafkaProperties()); err != nil {
		controller, err := devservices.FreePort(0)
		if err != nil {
			return nil, err
		}
		text := kafkaNode{1, []int{controller}}.properties(s)
		var users []string
		if s.Listeners != nil {
			if text, err = s.secured(text); err != nil {
				return nil, err
			}
			users = []string{"--add-scram", fmt.Sprintf("SCRAM-SHA-256=[name=%s,password=%s]", KafkaUser, KafkaPassword)}
		}
		if err := s.formatKafka(ctx, jars, text, users...); err != nil {
			return nil, err
		}
	}
	return java(context.Background(), s.dir, jars, "kafka.Kafka", s.kafkaProperties()), nil
}

func (s *Service) formatKafka(ctx context.Context, jars string, properties []byte, more ...string) error {
	if err := os.WriteFile(s.kafkaProperties(), properties, 0o600); err != nil {
		return err
	}
	format := java(ctx, s.dir, jars, append([]string{"kafka.tools.StorageTool", "format", "-t", kafkaUUID(), "-c", s.kafkaProperties()}, more...)...)
	if out, err := format.CombinedOutput(); err != nil {
		return fmt.Errorf("format: %w: %s", err, out)
	}
	return nil
}

// kafkaUUID is a random one as Kafka writes it.
func kafkaUUID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	id[0] &= 0x7f        // a leading "-" would look like an option
	return base64.RawURLEncoding.EncodeToString(id)
}

func java(ctx context.Context, dir, jars string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "java", append([]string{"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(jars, "*")}, args...)...)
	cmd.Dir = dir
	return cmd
}

// KafkaJars names the directory with the broker's jars, which Maven fills once: .cache/kafka in the repository, for the pom of .ci/kafka.
func KafkaJars(ctx context.Context) (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	jars := filepath.Join(root, ".cache", "kafka")
	if _, err := os.Stat(filepath.Join(jars, "complete")); err == nil {
		return jars, nil
	}
	cmd := exec.CommandContext(ctx, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory="+jars, "-DincludeScope=runtime")
	cmd.Dir = filepath.Join(root, ".ci", "kafka")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mvn: %w: %s", err, out)
	}
	return jars, os.WriteFile(filepath.Join(jars, "complete"), nil, 0o644)
}

// repository is the root of the repository, from wherever a test runs. (go.mod
// would not do: deploy and test/imagebuild are modules of their own.)
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
