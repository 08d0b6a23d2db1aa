package kafka

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestGroupWhoseCoordinatorMoves: an error about a group does not count as a group without
// members, neither one that passes nor one that stays.
func TestGroupWhoseCoordinatorMoves(t *testing.T) {
	t.Parallel()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, Topic, DeadTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	o := uniqueOptions(broker.ListenAddrs()[0])
	o.Topic, o.DeadTopic = Topic, DeadTopic
	p, s := newProducer(t, o), &memoryStore{}
	mustAppend(t, p, message(uuid.New(), "hello"))
	runWriter(t, o, s, p)
	waitCommitted(t, o, 1)

	refuseOnce := func(code int16) { // each is used for one request
		broker.ControlKey(kmsg.DescribeGroups.Int16(), func(request kmsg.Request) (kmsg.Response, error, bool) {
			r := request.(*kmsg.DescribeGroupsRequest)
			res := r.ResponseKind().(*kmsg.DescribeGroupsResponse)
			for _, group := range r.Groups {
				d := kmsg.NewDescribeGroupsResponseGroup()
				d.Group, d.ErrorCode = group, code
				res.Groups = append(res.Groups, d)
			}
			return res, nil, true
		})
	}

	for _, code := range []int16{
		kerr.NotCoordinator.Code, kerr.CoordinatorNotAvailable.Code, kerr.CoordinatorLoadInProgress.Code,
	} {
		refuseOnce(code)
		if _, err := Rewind(ctx, o, RewindTo{}); !errors.Is(err, ErrGroupActive) {
			t.Errorf("code %d: a rewind says %v", code, err)
		}
		refuseOnce(code)
		if _, err := Grow(ctx, o, 3, func() error { return nil }); !errors.Is(err, ErrGroupActive) {
			t.Errorf("code %d: partitions says %v", code, err)
		}
		refuseOnce(code)
		if found, err := State(ctx, o); err != nil || len(found.Members) != 1 {
			t.Errorf("code %d: members %v, %v", code, found.Members, err)
		}
	}

	refuseOnce(kerr.GroupAuthorizationFailed.Code)
	if _, err := Grow(ctx, o, 3, func() error { return nil }); err == nil {
		t.Error("a group that may not be described counts as empty")
	}
}
