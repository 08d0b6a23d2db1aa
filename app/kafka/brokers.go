package kafka

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// dialTimeout bounds the connections to the addresses that the brokers advertise.
const dialTimeout = time.Second

// explainSilence returns err, or a better error if nobody answers at addresses that the brokers
// advertise.
func explainSilence(brokers []kafka.BrokerMetadata, err error) error {
	if advice := unreachableAdvice(brokers); advice != "" {
		return fmt.Errorf("%s (%w)", advice, err)
	}
	return err
}

// unreachableAdvice returns advice that names the advertised addresses of brokers at which
// nobody answers, or "".
func unreachableAdvice(brokers []kafka.BrokerMetadata) string {
	var mu sync.Mutex
	var silent []string
	var dialing sync.WaitGroup
	for _, b := range brokers {
		dialing.Go(func() {
			address := net.JoinHostPort(b.Host, strconv.Itoa(b.Port))
			conn, err := net.DialTimeout("tcp", address, dialTimeout)
			if err == nil {
				_ = conn.Close() // it was opened only to see whether somebody answers
				return
			}
			mu.Lock()
			defer mu.Unlock()
			silent = append(silent, address)
		})
	}
	dialing.Wait()

	if len(silent) == 0 {
		return ""
	}
	slices.Sort(silent)
	return fmt.Sprintf("the brokers name themselves %s, and nobody answers there: "+
		"look at their advertised.listeners, and whether these brokers run", strings.Join(silent, ", "))
}
