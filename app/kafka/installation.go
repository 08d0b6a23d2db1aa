package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// headerInstallation is the header of a record with the installation that appended it: the id
// that its database has. The group's committed offsets have the same id as their metadata.
// Together they keep two installations apart that use the same topic by mistake.
const headerInstallation = "installation"

// ForeignLogError means that the topic belongs to an installation with another database.
type ForeignLogError struct {
	Options    Options
	Own, Other string // ids of the installations
}

func (e *ForeignLogError) Error() string {
	return fmt.Sprintf("the topic %s belongs to another installation: its messages are of the database %s, and "+
		"DATABASE_URL leads to the database %s. Set a KAFKA_PREFIX of its own for one of them. If that database is "+
		"lost for good, delete the topics %[1]s and %[4]s and the group %[5]s",
		e.Options.Topic, e.Other, e.Own, e.Options.DeadTopic, e.Options.Group)
}

// errForeignRecord marks a record of another installation.
var errForeignRecord = errors.New("record of another installation, which uses the same topic: set KAFKA_PREFIX")

// installation returns the id of this installation, or "" while it is unknown.
func (o Options) installation() string {
	if o.Installation == nil {
		return ""
	}
	return o.Installation()
}

// checkOrigin returns errForeignRecord for a record that another installation appended. A record
// without that header was appended by hand, or while the database was down.
func (o Options) checkOrigin(r *kafka.Message) error {
	own, of := o.installation(), header(r, headerInstallation)
	if own == "" || of == "" || of == own {
		return nil
	}
	return fmt.Errorf("%w (its database is %.40q)", errForeignRecord, of)
}

// Claim makes the topic this installation's own, if it is nobody's. It returns a ForeignLogError
// if it is another's. The topic must exist and Options.Installation must be known. Two
// installations that claim a new topic at the same moment are kept apart by the headers of
// their records, which pause the partition of the other's writer.
func Claim(ctx context.Context, o Options) error {
	return withOffsetClient(o, func(admin *kafka.AdminClient, client *kafka.Consumer) error {
		owner, committed, err := installationOf(ctx, admin, client, o)
		if errorCode(err) == kafka.ErrGroupAuthorizationFailed && !o.StoresLog {
			return nil // this process stores nothing
		}
		if err != nil || owner == o.installation() {
			return err
		}
		if owner != "" {
			return &ForeignLogError{o, o.installation(), owner}
		}

		first, err := topicOffsets(ctx, admin, o.Topic, kafka.EarliestOffsetSpec)
		if err != nil {
			return err
		}
		offset, ok := committed[0]
		if !ok {
			offset = first[0]
		}
		id := o.installation()
		// It is refused while the group has members, whose next commit has the id.
		_ = commitOffsets(ctx, o, []kafka.TopicPartition{
			{Topic: &o.Topic, Partition: 0, Offset: offset, Metadata: &id},
		})
		return nil
	})
}

// checkInstallation returns a ForeignLogError if the topic is another installation's.
func checkInstallation(ctx context.Context, o Options) error {
	own := o.installation()
	if own == "" {
		return nil
	}
	return withOffsetClient(o, func(admin *kafka.AdminClient, client *kafka.Consumer) error {
		owner, _, err := installationOf(ctx, admin, client, o)
		if err != nil || owner == "" || owner == own {
			return err
		}
		return &ForeignLogError{o, own, owner}
	})
}

// installationOf returns the installation of the committed offsets or, without any, of the newest
// records; "" if neither names one.
func installationOf(
	ctx context.Context, admin *kafka.AdminClient, client *kafka.Consumer, o Options,
) (owner string, committed offsetMap, err error) {
	ends, err := topicOffsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		return "", nil, err
	}
	partitions, err := committedPartitions(ctx, client, o, slices.Sorted(maps.Keys(ends)))
	if err != nil {
		return "", nil, err
	}
	committed = offsetMap{}
	for _, p := range partitions {
		if p.Offset >= 0 {
			committed[p.Partition] = p.Offset
		}
		if owner == "" && p.Metadata != nil {
			owner = *p.Metadata
		}
	}
	if owner != "" {
		return owner, committed, nil
	}

	newest := map[int32]int64{}
	for partition, end := range ends {
		if end > 0 {
			newest[partition] = int64(end) - 1
		}
	}
	if len(newest) == 0 {
		return "", committed, nil
	}
	for r, err := range readTopic(ctx, o, oldestRecords(o.Topic, newest)) {
		if err != nil {
			return "", nil, err
		}
		if owner = header(r, headerInstallation); owner != "" {
			break
		}
	}
	return owner, committed, nil
}
