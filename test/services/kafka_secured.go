package services

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"parley/app/devservices"
)

// Who may come to a Kafka that asks.
const (
	KafkaUser     = "parley"
	KafkaPassword = "nR7vqT2xK9wZ4bLm"
)

// SecuredKafka asks at two doors more who comes, "SASL_PLAINTEXT" and "SASL_SSL": with PLAIN or SCRAM-SHA-256, as KafkaUser.
func SecuredKafka(dir string) *Service {
	s := Kafka(dir)
	s.Listeners = map[string]string{"SASL_PLAINTEXT": "", "SASL_SSL": ""}
	return s
}

// CA is the file with the certificate of a SecuredKafka.
func (s *Service) CertificateFile() string { return filepath.Join(s.dir, "ca.pem") }

func (s *Service) secured(properties []byte) ([]byte, error) {
	if err := certify(filepath.Join(s.dir, "broker.pem"), s.CertificateFile()); err != nil {
		return nil, err
	}
	var listeners, advertised string
	for door := range s.Listeners {
		port, err := devservices.FreePort(0)
		if err != nil {
			return nil, err
		}
		s.Listeners[door] = fmt.Sprintf("127.0.0.1:%d", port)
		listeners += "," + door + "://" + s.Listeners[door]
		advertised += "," + door + "://" + s.Listeners[door]
	}
	lines := bytes.Split(properties, []byte("\n"))
	for i, line := range lines {
		if bytes.HasPrefix(line, []byte("listeners=")) {
			lines[i] = append(line, listeners...)
		} else if bytes.HasPrefix(line, []byte("advertised.listeners=")) {
			lines[i] = append(line, advertised...)
		}
	}
	text := append(bytes.Join(lines, []byte("\n")), "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256\n"+
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL\n"+
		"inter.broker.listener.name=PLAINTEXT\n"...)
	for _, door := range []string{"sasl_plaintext", "sasl_ssl"} {
		text = fmt.Appendf(text, "listener.name.%s.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\";\n"+
			"listener.name.%[1]s.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;\n", door, KafkaUser, KafkaPassword)
	}
	return fmt.Appendf(text, "listener.name.sasl_ssl.ssl.keystore.type=PEM\nlistener.name.sasl_ssl.ssl.keystore.location=%s\n", filepath.Join(s.dir, "broker.pem")), nil
}

// certify writes a key with a certificate for 127.0.0.1 that vouches for itself, and the certificate alone.
func certify(broker, ca string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Kafka of a test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	if err := os.WriteFile(ca, public, 0o600); err != nil {
		return err
	}
	return os.WriteFile(broker, append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), public...), 0o600)
}
