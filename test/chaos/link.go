package chaos

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"parley/app/devservices"
)

// Link is the wires between the replicas and a part: one to each of its servers.
type Link []*wire

// wire has one address for its whole life. Whenever it changes it is another proxy: toxiproxy 2.5.0 can hang for ever when a toxic is taken from a connection
// that is in use.
type wire struct {
	port  int
	to    int
	proxy *toxiproxy.Proxy
}

// newLink reserves ports; Open makes the link.
func newLink(servers int) (l Link, err error) {
	for range servers {
		port, err := devservices.FreePort(0)
		if err != nil {
			return nil, err
		}
		l = append(l, &wire{port: port})
	}
	return l, nil
}

// Open lets everything through.
func (l Link) Open() error { return l.become("") }

// Cut breaks all connections, and refuses new ones.
func (l Link) Cut() error {
	for _, w := range l {
		w.cut()
	}
	return nil
}

// Slow delays whatever goes either way, by from a third to all of most.
func (l Link) Slow(most time.Duration) error {
	third := most.Milliseconds() / 3
	return l.become(fmt.Sprintf(`"type": "latency", "attributes": {"latency": %d, "jitter": %d}`, 2*third, third))
}

// Silence takes connections, and lets nothing through.
func (l Link) Silence() error { return l.become(`"type": "timeout", "attributes": {"timeout": 0}`) }

func (l Link) become(toxic string) (err error) {
	for _, w := range l {
		err = errors.Join(err, w.become(toxic))
	}
	return err
}

func (w *wire) cut() {
	if w.proxy != nil {
		w.proxy.Stop()
		w.proxy = nil
	}
}

// become replaces the proxy by one with this toxic in both directions.
func (w *wire) become(toxic string) error {
	w.cut()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "link", fmt.Sprintf("127.0.0.1:%d", w.port), fmt.Sprintf("127.0.0.1:%d", w.to))
	for _, way := range []string{"upstream", "downstream"} {
		if toxic == "" {
			continue
		}
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"stream": %q, %s}`, way, toxic))); err != nil {
			return err
		}
	}
	if err := proxy.Start(); err != nil {
		return err
	}
	w.proxy = proxy
	return nil
}

// through is an address of the part's, by way of the link.
func (l Link) through(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return strings.Join(l.addresses(), ",")
	}
	u.Host = l.addresses()[0]
	return u.String()
}

func (l Link) addresses() (list []string) {
	for _, w := range l {
		list = append(list, fmt.Sprintf("127.0.0.1:%d", w.port))
	}
	return list
}
