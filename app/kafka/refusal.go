package kafka

import "github.com/confluentinc/confluent-kafka-go/v2/kafka"

// refusalAdvice returns advice for operators if err says that brokers and client do not accept
// each other, and "" for any other error.
func refusalAdvice(err error) string {
	switch errorCode(err) {
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed, kafka.ErrTopicAuthorizationFailed,
		kafka.ErrClusterAuthorizationFailed:
		return "Kafka refuses Parley: look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, " +
			"and at what that user may do"
	case kafka.ErrSsl:
		return "Kafka and Parley don't trust each other: look at KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_LOCATION " +
			"and the brokers' certificates"
	}
	return ""
}

// logRefusal logs a refusal once until the log answers again. librdkafka's error names the
// broker and the mechanism, but never a password.
func (p *Producer) logRefusal(err kafka.Error) {
	if advice := refusalAdvice(err); advice != "" && p.refusalLogged.CompareAndSwap(false, true) {
		p.logger.Error(advice, "error", err)
	}
}
