package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// sends measures POST → 201, and what it can't be faster than: an HTTP round trip to an empty handler, an acknowledgement of the log, and a round
// trip of Redis, one after the other.
func sends(ctx context.Context, l *local) error {
	ada, talks, err := conversations(l, 64)
	if err != nil {
		return err
	}
	floors, stop, err := newFloors(ctx, l)
	if err != nil {
		return err
	}
	defer stop()
	post := func(i int) error {
		return ada.sends(talks[i%len(talks)], "Seven at the mooring, then. I’ll have the kettle on.")
	}
	// A broker's virtual machine compiles for its first half minute under load, on the cores that are being measured.
	if _, _, _, err := timed(60_000, 64, post); err != nil {
		return err
	}
	for _, inFlight := range []int{1, 64} {
		n := 3000 * min(inFlight, 8)
		if _, _, _, err := timed(n/10, inFlight, post); err != nil { // warm
			return err
		}
		var sum, together time.Duration
		fmt.Printf("  %d in flight                p50        p99     per s\n", inFlight)
		for _, f := range floors {
			p50, p99, rate, err := timed(n, inFlight, f.once)
			if err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
			if f.all {
				together = p50
			} else {
				sum += p50
			}
			fmt.Printf("    %-18s %10v %10v %9.0f\n", f.name, p50, p99, rate)
		}
		p50, p99, rate, err := timed(n, inFlight, post)
		if err != nil {
			return err
		}
		fmt.Printf("    %-18s %10v %10v %9.0f\n", "POST → 201", p50, p99, rate)
		if len(floors) > 0 {
			fmt.Printf("    p50 / sum of floors %.2f  (all in one / sum %.2f, POST / all in one %.2f)\n",
				float64(p50)/float64(sum), float64(together)/float64(sum), float64(p50)/float64(together))
		}
	}
	return nil
}

// timed runs f n times, so many at once.
func timed(n, inFlight int, f func(i int) error) (p50, p99 time.Duration, perSecond float64, err error) {
	all := make([]time.Duration, n)
	errs := make(chan error, inFlight)
	var wg sync.WaitGroup
	begin := time.Now()
	for w := range inFlight {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < n; i += inFlight {
				start := time.Now()
				if err := f(i); err != nil {
					errs <- err
					return
				}
				all[i] = time.Since(start)
			}
		}()
	}
	wg.Wait()
	took := time.Since(begin)
	select {
	case err := <-errs:
		return 0, 0, 0, err
	default:
	}
	return quantile(all, .5), quantile(all, .99), float64(n) / took.Seconds(), nil
}

type floor struct {
	name string
	once func(i int) error
	all  bool // the others, one after the other: what they take when they share the processors
}

func newFloors(ctx context.Context, l *local) ([]floor, func(), error) {
	if l.set == nil {
		return nil, func() {}, nil
	}
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": l.set.Kafka.URL, "acks": "all", "enable.idempotence": true, "linger.ms": 0})
	if err != nil {
		return nil, nil, err
	}
	go func() {
		for range producer.Events() {
		}
	}()
	admin, err := kafka.NewAdminClientFromProducer(producer)
	if err != nil {
		return nil, nil, err
	}
	topic := "bench"
	if _, err := admin.CreateTopics(ctx, []kafka.TopicSpecification{{Topic: topic, NumPartitions: 3, ReplicationFactor: 1}}); err != nil {
		return nil, nil, err
	}
	options, err := redis.ParseURL(l.set.Redis.URL)
	if err != nil {
		return nil, nil, err
	}
	cache := redis.NewClient(options)
	value := make([]byte, 400)
	keys := make([]string, 64)
	for i := range keys {
		keys[i] = uuid.NewString()
	}
	acked := func(i int) error {
		report := make(chan kafka.Event, 1)
		if err := producer.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny}, Key: []byte(keys[i%64]), Value: value}, report); err != nil {
			return err
		}
		return (<-report).(*kafka.Message).TopicPartition.Error
	}
	piped := func(i int) error {
		pipe := cache.Pipeline()
		pipe.ZAdd(ctx, "bench:"+keys[i%64], redis.Z{Score: float64(i), Member: fmt.Sprint(i)})
		pipe.Publish(ctx, "bench:a", value)
		pipe.Publish(ctx, "bench:b", value)
		_, err := pipe.Exec(ctx)
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusCreated) })
	var turn atomic.Int64
	app.Post("/all", func(c *fiber.Ctx) error {
		i := int(turn.Add(1))
		if err := errors.Join(acked(i), piped(i)); err != nil {
			return err
		}
		return c.SendStatus(http.StatusCreated)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	go func() { _ = app.Listener(listener) }()
	bare := &client{base: "http://" + listener.Addr().String()}
	posted := func(path string) func(int) error {
		return func(int) error {
			res, body, err := bare.post(path, url.Values{"body": {"hi"}})
			if err == nil && res.StatusCode != http.StatusCreated {
				err = fmt.Errorf("%s: %s", res.Status, body)
			}
			return err
		}
	}
	floors := []floor{
		{"empty handler", posted("/"), false}, {"linger-0 ack", acked, false}, {"Redis pipeline", piped, false}, {"all in one handler", posted("/all"), true},
	}
	return floors, func() { producer.Close(); cache.Close(); _ = app.Shutdown() }, nil
}
