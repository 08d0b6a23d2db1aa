package kafka

import (
	"errors"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// refusal says in words that the brokers are there and don't want us, or we them; "" for any other error.
func refusal(err error) string {
	var of kafka.Error
	if !errors.As(err, &of) {
		return ""
	}
	switch of.Code() {
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed, kafka.ErrTopicAuthorizationFailed, kafka.ErrClusterAuthorizationFailed:
		return "Kafka refuses Parley: look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, and at what that user may do"
	case kafka.ErrSsl:
		return "Kafka and Parley don't trust each other: look at KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_LOCATION and the brokers' certificates"
	}
	return ""
}

// tellRefusal logs a refusal, once until the log answers again. librdkafka's own sentence names the broker and the mechanism, never a password.
func (p *Producer) tellRefusal(err kafka.Error) {
	if what := refusal(err); what != "" && p.refused.CompareAndSwap(false, true) {
		p.logger.Error(what, "error", err)
	}
}
