package e2e

import (
	"context"
	"testing"

	"parley/test/services"
	"parley/test/wait"
)

// TestOnARedisCluster: two people on two replicas talk live by way of a cluster of three masters, of which one is killed while others write.
// Its replica takes its place; nothing is lost, and news are live again. The whole suite runs on a cluster by `go tool task e2e-cluster`.
func TestOnARedisCluster(t *testing.T) {
	t.Parallel()
	ctx, cluster := context.Background(), services.RedisCluster(t.TempDir(), 1)
	t.Cleanup(cluster.Kill)
	if err := cluster.Start(ctx); err != nil {
		t.Fatal(err)
	}
	at := ownSite(t, append(ownParts(t), "DATABASE_URL="+newDatabase(t), "REDIS_URL="+cluster.URL)...)
	ada, bob, talk := at.adaAndBob(t)
	ada.sends("Hello Bob")
	bob.sees("Hello Bob")
	bob.sends("Hello Ada")
	ada.sees("Hello Ada")

	f := newFlood(t, at.one, 6)
	f.run([]*replica{at.one, at.two}, 60, func() {
		master, err := cluster.Master(ctx, "tail:{"+talk[len("/conversations/"):]+"}")
		if err != nil {
			t.Error(err)
			return
		}
		master.Kill()
		ada.sends("while its tail is nowhere")
		bob.sees("while its tail is nowhere")
	})
	f.check(t, at.two)
	for _, p := range []*person{ada, bob} {
		wait.Until(t, p.name+" is told of nothing that is away", func() bool { return p.shows("#banner[hidden]") })
	}
	bob.sends("and now?")
	ada.sees("and now?")
	ada.sends("as before")
	bob.sees("as before")
	for _, p := range []*person{ada, bob} {
		wait.Until(t, "all is stored", p.allStored)
	}
}
