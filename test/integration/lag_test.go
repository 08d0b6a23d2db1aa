package integration

import (
	"strconv"
	"testing"

	"github.com/PuerkitoBio/goquery"
	gokafka "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/kafka"
)

// lagOnPage returns the lag of each partition on a page.
func lagOnPage(t *testing.T, page *goquery.Document) map[int32]int64 {
	t.Helper()
	lag := map[int32]int64{}
	page.Find("tr[data-partition]").Each(func(_ int, row *goquery.Selection) {
		partition, err1 := strconv.Atoi(row.AttrOr("data-partition", ""))
		n, err2 := strconv.ParseInt(row.Find(".lag").Text(), 10, 64)
		if err1 != nil || err2 != nil {
			t.Errorf("malformed partition row: %s", words(row))
		}
		lag[int32(partition)] = n
	})

	return lag
}

// lagOfGroup queries the brokers for the lag, independently of the page.
func lagOfGroup(t *testing.T, o kafka.Options) map[int32]int64 {
	t.Helper()
	c, err := gokafka.NewConsumer(&gokafka.ConfigMap{
		"bootstrap.servers":  o.Brokers,
		"group.id":           o.Group,
		"enable.auto.commit": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lag := map[int32]int64{}
	for p := range int32(o.Partitions) {
		low, high, err := c.QueryWatermarkOffsets(o.Topic, p, 5000)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := c.Committed([]gokafka.TopicPartition{{Topic: &o.Topic, Partition: p}}, 5000)
		if err != nil {
			t.Fatal(err)
		}
		lag[p] = high - max(low, int64(committed[0].Offset))
	}

	return lag
}

func total(lag map[int32]int64) (n int64) {
	for _, v := range lag {
		n += v
	}
	return n
}
