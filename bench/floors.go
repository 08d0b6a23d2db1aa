package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/client"
	"parley/test/services"
)

// floors are the least that a send costs.
type floors struct {
	single []floor
	// together does them one after the other in one handler, so that they share the processors
	// as in a replica.
	together func(i int) error
	close    func()
}

type floor struct {
	name string
	do   func(i int) error
}

func newFloors(ctx context.Context, set *services.Set) (floors, error) {
	producer, err := newProducer(kafka.ConfigMap{
		"bootstrap.servers": set.Kafka.URL, "acks": "all", "enable.idempotence": true, "linger.ms": 0,
	})
	if err != nil {
		return floors{}, err
	}

	options, err := redis.ParseURL(set.Redis.URL)
	if err != nil {
		return floors{}, err
	}

	cache := redis.NewClient(options)
	value := make([]byte, 400)
	keys := make([]string, 64)
	for i := range keys {
		keys[i] = uuid.NewString()
	}

	acknowledge, err := acknowledgeFloor(ctx, producer, keys, value)
	if err != nil {
		return floors{}, err
	}

	pipeline := func(i int) error {
		pipe := cache.Pipeline()
		pipe.ZAdd(ctx, "bench:"+keys[i%64], redis.Z{Score: float64(i), Member: fmt.Sprint(i)})
		pipe.Publish(ctx, "bench:a", value)
		pipe.Publish(ctx, "bench:b", value)
		_, err := pipe.Exec(ctx)
		return err
	}

	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	base, err := serveFloors(app, func(i int) error { return errors.Join(acknowledge(i), pipeline(i)) })
	if err != nil {
		return floors{}, err
	}

	c := client.New(base, client.Options{Transport: transport})
	post := func(path string) func(int) error {
		return func(int) error { return c.Post(ctx, path, url.Values{"body": {"hi"}}, nil) }
	}
	return floors{
		single:   []floor{{"empty handler", post("/")}, {"linger-0 ack", acknowledge}, {"Redis pipeline", pipeline}},
		together: post("/all"),
		close:    func() { producer.Close(); cache.Close(); _ = app.Shutdown() },
	}, nil
}

// serveFloors serves an empty handler at /, and one that does all at /all.
func serveFloors(app *fiber.App, all func(i int) error) (base string, err error) {
	app.Post("/", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusCreated) })
	var turn atomic.Int64
	app.Post("/all", func(c *fiber.Ctx) error {
		if err := all(int(turn.Add(1))); err != nil {
			return err
		}
		return c.SendStatus(http.StatusCreated)
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = app.Listener(listener) }() // ends with Shutdown
	return "http://" + listener.Addr().String(), nil
}

// newProducer returns a producer whose reports go to the channels of the
// messages.
func newProducer(config kafka.ConfigMap) (*kafka.Producer, error) {
	producer, err := kafka.NewProducer(&config)
	if err != nil {
		return nil, err
	}
	go func() {
		for range producer.Events() { // errors of the client: the reports have them, too
		}
	}()
	return producer, nil
}

// acknowledgeFloor creates a topic, and returns what appends a record to it and
// waits for the acknowledgement.
func acknowledgeFloor(
	ctx context.Context, producer *kafka.Producer, keys []string, value []byte,
) (func(i int) error, error) {
	admin, err := kafka.NewAdminClientFromProducer(producer)
	if err != nil {
		return nil, err
	}

	topic := "bench"
	spec := kafka.TopicSpecification{Topic: topic, NumPartitions: 3, ReplicationFactor: 1}
	if _, err := admin.CreateTopics(ctx, []kafka.TopicSpecification{spec}); err != nil {
		return nil, err
	}
	return func(i int) error {
		report := make(chan kafka.Event, 1)
		record := &kafka.Message{TopicPartition: anyPartition(&topic), Key: []byte(keys[i%len(keys)]), Value: value}
		if err := producer.Produce(record, report); err != nil {
			return err
		}
		return (<-report).(*kafka.Message).TopicPartition.Error
	}, nil
}

// anyPartition leaves the partition to the record's key.
func anyPartition(topic *string) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: kafka.PartitionAny}
}
