package messagelog

import "github.com/confluentinc/confluent-kafka-go/v2/kafka"

// tellRefusal says in words, once until the log answers again, that the brokers are there and don't want us, or we them. librdkafka's own sentence names
// the broker and the mechanism, never a password.
func (p *Producer) tellRefusal(err kafka.Error) {
	var what string
	switch err.Code() {
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed, kafka.ErrTopicAuthorizationFailed, kafka.ErrClusterAuthorizationFailed:
		what = "Kafka refuses Parley: look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, and at what that user may do"
	case kafka.ErrSsl:
		what = "Kafka and Parley don't trust each other: look at KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_LOCATION and the brokers' certificates"
	default:
		return
	}
	if p.refused.CompareAndSwap(false, true) {
		p.logger.Error(what, "error", err)
	}
}
