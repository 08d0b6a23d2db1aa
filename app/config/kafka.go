package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// KafkaSecurity is how Parley shows the brokers who it is, and they it.
type KafkaSecurity struct {
	Protocol                      string // "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"
	Mechanism, Username, Password string
	CA, Certificate, Key          string // files
	KeyPassword                   string
}

// kafka finds what is missing, or would be ignored. None of it shows a password.
func (c Config) kafka() (problems []error) {
	k := c.KafkaSecurity
	sasl, ssl := strings.HasPrefix(k.Protocol, "SASL_"), strings.HasSuffix(k.Protocol, "SSL")
	if k.Protocol != "PLAINTEXT" && c.KafkaBrokers == "" {
		problems = append(problems, errors.New("KAFKA_SECURITY_PROTOCOL: the embedded Kafka speaks plainly: set KAFKA_BROKERS, or remove it"))
	}
	if given := k.Mechanism != "" || k.Username != "" || k.Password != ""; sasl && (k.Mechanism == "" || k.Username == "" || k.Password == "") {
		problems = append(problems, fmt.Errorf("KAFKA_SECURITY_PROTOCOL=%s: set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD", k.Protocol))
	} else if given && !sasl {
		problems = append(problems, fmt.Errorf("KAFKA_SASL_…: with KAFKA_SECURITY_PROTOCOL=%s nobody is asked who they are: write SASL_SSL", k.Protocol))
	}
	if given := k.CA != "" || k.Certificate != "" || k.Key != ""; given && !ssl {
		problems = append(problems, fmt.Errorf("KAFKA_SSL_…: KAFKA_SECURITY_PROTOCOL=%s has no certificates: write SSL or SASL_SSL", k.Protocol))
	}
	if (k.Certificate == "") != (k.Key == "") {
		problems = append(problems, errors.New("KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION: set both or neither"))
	}
	for _, f := range []struct{ name, file string }{{"KAFKA_SSL_CA_LOCATION", k.CA}, {"KAFKA_SSL_CERTIFICATE_LOCATION", k.Certificate}, {"KAFKA_SSL_KEY_LOCATION", k.Key}} {
		if f.file == "" {
			continue
		}
		if _, err := os.Stat(f.file); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w: write a file that Parley may read", f.name, err))
		}
	}
	if c.KafkaMinInsyncReplicas > c.KafkaReplicationFactor {
		problems = append(problems, fmt.Errorf("KAFKA_MIN_INSYNC_REPLICAS=%d: there are only KAFKA_REPLICATION_FACTOR=%d copies, and nothing could be sent: write at most %[2]d", c.KafkaMinInsyncReplicas, c.KafkaReplicationFactor))
	}
	if k.Password != "" && placeholder(k.Password) && !loopbackBrokers(c.KafkaBrokers) {
		problems = append(problems, errors.New("KAFKA_SASL_PASSWORD is a placeholder: give that user a real one there, and write it here"))
	}
	return problems
}

func loopbackBrokers(brokers string) bool {
	for broker := range strings.SplitSeq(brokers, ",") {
		if host, _, _ := strings.Cut(strings.TrimSpace(broker), ":"); !loopbackHost(host) {
			return false
		}
	}
	return true
}
