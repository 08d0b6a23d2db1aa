package admin

import (
	"testing"
	"time"

	"parley/app/status"
)

func TestRates(t *testing.T) {
	var h history
	at := time.Unix(1000, 0)
	log := func(end, committed int64) status.KafkaState {
		return status.KafkaState{Partitions: []status.LogPartition{
			{End: end, Committed: committed},
			{End: 5, Committed: 5},
		}}
	}

	h.addOffsets(at, log(100, 100))
	if appended, _, _ := h.rates(); len(appended.Points) != 0 {
		t.Error("one point has a rate")
	}

	h.addOffsets(at.Add(2*time.Second), log(120, 100))
	appended, stored, lag := h.rates()
	if appended.PerSecond != 10 || stored.PerSecond != 0 || len(lag) != 2 || lag[1] != 20 {
		t.Errorf("%v, %v, %v", appended, stored, lag)
	}

	h.addOffsets(at.Add(4*time.Second), log(0, 0)) // the topic was created again
	if appended, _, lag := h.rates(); len(appended.Points) != 0 || len(lag) != 1 {
		t.Errorf("a new topic has a history: %v %v", appended, lag)
	}

	h.addOffsets(at.Add(4*time.Second+historyLength+time.Second), log(9, 9))
	if _, _, lag := h.rates(); len(lag) != 1 {
		t.Errorf("points older than %s remain: %v", historyLength, lag)
	}
}
