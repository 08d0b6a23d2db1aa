package services

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"parley/app/devservices"
)

const kafkaProperties = `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:%[2]d
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[4]d
controller.listener.names=CONTROLLER
log.dirs=%[3]s
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`

// kafkaCommand formats the storage the first time, and gives the command that serves it.
func kafkaCommand(ctx context.Context, s *Service) (*exec.Cmd, error) {
	jars, err := KafkaJars(ctx)
	if err != nil {
		return nil, err
	}
	properties, data := filepath.Join(s.dir, "kafka.properties"), filepath.Join(s.dir, "kafka")
	if _, err := os.Stat(properties); err != nil {
		controller, err := devservices.FreePort(0)
		if err != nil {
			return nil, err
		}
		text := fmt.Appendf(nil, kafkaProperties, s.Port, controller, data, cmp.Or(s.Advertised, s.Port))
		var users []string
		if s.Doors != nil {
			if text, err = s.secured(text); err != nil {
				return nil, err
			}
			users = []string{"--add-scram", fmt.Sprintf("SCRAM-SHA-256=[name=%s,password=%s]", KafkaUser, KafkaPassword)}
		}
		if err := os.WriteFile(properties, text, 0o600); err != nil {
			return nil, err
		}
		id, err := java(ctx, s.dir, jars, "kafka.tools.StorageTool", "random-uuid").Output()
		if err != nil {
			return nil, fmt.Errorf("random-uuid: %w", err)
		}
		format := java(ctx, s.dir, jars, append([]string{"kafka.tools.StorageTool", "format", "-t", strings.TrimSpace(string(id)), "-c", properties}, users...)...)
		if out, err := format.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("format: %w: %s", err, out)
		}
	}
	return java(context.Background(), s.dir, jars, "kafka.Kafka", properties), nil
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

// repository is the directory with go.mod, from wherever a test runs.
func repository() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", fmt.Errorf("no go.mod above the working directory: %w", os.ErrNotExist)
}
