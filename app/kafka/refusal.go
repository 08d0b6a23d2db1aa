package kafka

import (
	"log/slog"
	"sync"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// refusalAdvice returns advice for operators if err says that brokers and client do not accept
// each other, and "" for any other error.
func refusalAdvice(err error) string {
	switch errorCode(err) {
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed:
		return "Kafka refuses Parley's user: look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
	case kafka.ErrTopicAuthorizationFailed, kafka.ErrGroupAuthorizationFailed, kafka.ErrClusterAuthorizationFailed:
		return "Kafka refuses Parley a right: parley check names it"
	case kafka.ErrSsl:
		return "Kafka and Parley don't trust each other: look at KAFKA_SECURITY_PROTOCOL, KAFKA_SSL_CA_LOCATION " +
			"and the brokers' certificates"
	}
	return ""
}

// adviceLog logs each advice once until the log answers again. The errors of librdkafka name
// the broker and the mechanism, but never a password.
type adviceLog struct {
	logger *slog.Logger
	mu     sync.Mutex
	logged map[string]bool
}

// log logs the advice, with err as its cause unless it is nil.
func (l *adviceLog) log(advice string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.logged[advice] {
		return
	}
	if l.logged == nil {
		l.logged = map[string]bool{}
	}
	l.logged[advice] = true

	var attrs []any
	if err != nil {
		attrs = append(attrs, "error", err)
	}
	l.logger.Error(advice, attrs...)
}

// reset makes each advice worth a line again.
func (l *adviceLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.logged)
}
