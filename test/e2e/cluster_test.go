package e2e

import (
	"testing"

	"parley/test/browser"
	"parley/test/services"
	"parley/test/wait"
)

// TestRedisClusterLosesAMaster kills one of three masters of a Redis Cluster while others
// write. Its replica takes over, no message is lost, and the pages are live again. The whole
// suite runs on a cluster with "go tool task e2e-cluster".
func TestRedisClusterLosesAMaster(t *testing.T) {
	t.Parallel()
	cluster := services.RedisCluster(t.TempDir(), 1)
	t.Cleanup(cluster.Kill)
	if err := cluster.Start(t.Context()); err != nil {
		t.Fatal(err)
	}

	site := newSite(t, append(newServices(t), "DATABASE_URL="+newDatabase(t), "REDIS_URL="+cluster.URL)...)
	ada, bob, conversation := site.adaAndBob(t)
	ada.Sends("Hello Bob")
	bob.Sees("Hello Bob")
	bob.Sends("Hello Ada")
	ada.Sees("Hello Ada")

	w := newWorkload(t, site.one, 6)
	w.run([]string{site.one, site.two}, 60, func() {
		master, err := cluster.Master(t.Context(), "tail:{"+conversationID(conversation)+"}")
		if err != nil {
			t.Error(err)
			return
		}

		master.Kill()
		ada.Sends("while the tail has no master")
		bob.Sees("while the tail has no master")
	})
	w.check(t, site.two)

	for _, p := range []*browser.Person{ada, bob} {
		wait.Until(t, p.Name+" sees no banner about an outage", p.Showing("#banner[hidden]"))
	}

	bob.Sends("and now?")
	ada.Sees("and now?")
	ada.Sends("as before")
	bob.Sees("as before")
	ada.SeesAllStored()
	bob.SeesAllStored()
}
