package services

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"parley/app/devservices"
)

// The credentials of a SecuredKafka.
const (
	KafkaUser     = "parley"           // the user's name
	KafkaPassword = "nR7vqT2xK9wZ4bLm" // the user's password
)

const saslProperties = `sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=PLAINTEXT
`

const saslListenerProperties = `listener.name.%[1]s.plain.sasl.jaas.config=\
  org.apache.kafka.common.security.plain.PlainLoginModule required user_%[2]s="%[3]s";
listener.name.%[1]s.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
`

const sslProperties = `listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location=%s
`

// SecuredKafka has two more listeners, "SASL_PLAINTEXT" and "SASL_SSL", which
// authenticate KafkaUser with PLAIN or SCRAM-SHA-256.
func SecuredKafka(dir string) *Service {
	s := Kafka(dir)
	s.Listeners = map[string]string{"SASL_PLAINTEXT": "", "SASL_SSL": ""}
	return s
}

// AuthorizingKafka is a SecuredKafka on which KafkaUser has no right until somebody grants it.
// Clients of its URL, who have no name, may do everything.
func AuthorizingKafka(dir string) *Service {
	s := SecuredKafka(dir)
	s.Properties = `authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
`
	return s
}

// CertificateFile is the file with the certificate of a SecuredKafka.
func (s *Service) CertificateFile() string { return filepath.Join(s.dir, "ca.pem") }

var listenerLines = regexp.MustCompile(`(?m)^(advertised\.)?listeners=.*$`)

// secure adds the listeners to a broker's properties, and writes its key and
// certificate.
func (s *Service) secure(properties string) (string, error) {
	certificate, key, err := selfSigned()
	if err != nil {
		return "", err
	}

	keystore := filepath.Join(s.dir, "broker.pem")
	err = errors.Join(
		os.WriteFile(s.CertificateFile(), certificate, 0o600),
		os.WriteFile(keystore, append(key, certificate...), 0o600),
	)
	if err != nil {
		return "", err
	}

	var listeners, sasl strings.Builder
	for protocol := range s.Listeners {
		port, err := devservices.FreePort(0)
		if err != nil {
			return "", err
		}
		s.Listeners[protocol] = fmt.Sprintf("127.0.0.1:%d", port)
		fmt.Fprintf(&listeners, ",%s://%s", protocol, s.Listeners[protocol])
		fmt.Fprintf(&sasl, saslListenerProperties, strings.ToLower(protocol), KafkaUser, KafkaPassword)
	}
	properties = listenerLines.ReplaceAllString(properties, "${0}"+listeners.String())
	return properties + saslProperties + sasl.String() + fmt.Sprintf(sslProperties, keystore), nil
}
