package config

import (
	"net"
	"os"
	"strings"
)

// KafkaSecurity is how Parley and the brokers authenticate each other.
type KafkaSecurity struct {
	Protocol    string // "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"
	Mechanism   string // of SASL
	Username    string
	Password    string
	CA          string // file
	Certificate string // file
	Key         string // file
	KeyPassword string
}

// checkKafka finds settings of the brokers that are missing or would be ignored.
func (c Config) checkKafka(p *problems) {
	k := c.KafkaSecurity
	if k.Protocol != "PLAINTEXT" && c.KafkaBrokers == "" {
		p.addf("KAFKA_SECURITY_PROTOCOL: the embedded Kafka speaks plainly: set KAFKA_BROKERS, or remove it")
	}

	k.checkSASL(p)
	k.checkSSL(p)

	if c.KafkaMinInsyncReplicas > c.KafkaReplicationFactor {
		p.addf("KAFKA_MIN_INSYNC_REPLICAS=%d: there are only KAFKA_REPLICATION_FACTOR=%d copies, "+
			"and nothing could be sent: write at most %[2]d", c.KafkaMinInsyncReplicas, c.KafkaReplicationFactor)
	}

	if k.Password != "" && placeholder(k.Password) && !loopbackBrokers(c.KafkaBrokers) {
		p.addf("KAFKA_SASL_PASSWORD is a placeholder: give that user a real one there, and write it here")
	}
}

func (k KafkaSecurity) checkSASL(p *problems) {
	sasl := strings.HasPrefix(k.Protocol, "SASL_")
	switch {
	case sasl && (k.Mechanism == "" || k.Username == "" || k.Password == ""):
		p.addf("KAFKA_SECURITY_PROTOCOL=%s: set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",
			k.Protocol)
	case !sasl && (k.Mechanism != "" || k.Username != "" || k.Password != ""):
		p.addf("KAFKA_SASL_…: with KAFKA_SECURITY_PROTOCOL=%s nobody is asked who they are: write SASL_SSL", k.Protocol)
	}
}

func (k KafkaSecurity) checkSSL(p *problems) {
	if given := k.CA != "" || k.Certificate != "" || k.Key != ""; given && !strings.HasSuffix(k.Protocol, "SSL") {
		p.addf("KAFKA_SSL_…: KAFKA_SECURITY_PROTOCOL=%s has no certificates: write SSL or SASL_SSL", k.Protocol)
	}

	if (k.Certificate == "") != (k.Key == "") {
		p.addf("KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION: set both or neither")
	}

	for _, f := range []struct{ name, file string }{
		{"KAFKA_SSL_CA_LOCATION", k.CA},
		{"KAFKA_SSL_CERTIFICATE_LOCATION", k.Certificate},
		{"KAFKA_SSL_KEY_LOCATION", k.Key},
	} {
		if f.file == "" {
			continue
		}

		if _, err := os.Stat(f.file); err != nil {
			p.addf("%s: %w: write a file that Parley may read", f.name, err)
		}
	}
}

func loopbackBrokers(brokers string) bool {
	for broker := range strings.SplitSeq(brokers, ",") {
		if host, _, _ := net.SplitHostPort(broker); !loopbackHost(host) {
			return false
		}
	}

	return true
}
