package integration

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/test/services"
	"parley/test/wait"
)

// TestReplicaList: replicas register in Redis. While Redis is down a page lists only
// its own replica and says so.
func TestReplicaList(t *testing.T) {
	t.Parallel()
	redis := startService(t, services.Redis)
	addresses := newAddresses(t)
	addresses.RedisURL = redis.URL
	one, ops := startOperated(t, addresses, false)
	two := startReplicaAt(t, addresses)
	two.signIn("Bob").openStream()
	row := func(page *goquery.Document, r *instance) string {
		var cells []string
		page.Find(`[data-replica="` + r.replica.Name + `"] td`).Each(func(_ int, cell *goquery.Selection) {
			cells = append(cells, words(cell))
		})
		return strings.Join(cells, " ")
	}

	wait.Until(t, "the page lists both replicas with their figures", func() bool {
		page := ops.page("/pipeline")
		return strings.Contains(row(page, one), "Ready") && strings.Contains(row(page, two), "Ready 1 ") &&
			page.Find("#only-this").Length() == 0
	})

	redis.Kill()
	wait.Until(t, "the page lists only its own replica", func() bool {
		page := ops.page("/pipeline")
		return strings.Contains(row(page, one), "Without Redis") && row(page, two) == "" &&
			page.Find("#only-this").Length() == 1 && page.Find("[data-component=redis]").Length() == 1
	})
}
