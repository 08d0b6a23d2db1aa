package integration

import (
	"net"
	"net/http"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/app/replica"
)

// operator is a client of a replica's listener for operators.
type operator struct {
	t    testing.TB
	base string
}

// startOperated starts a replica with a listener for operators. With showText its
// pages contain the texts of messages.
func startOperated(t *testing.T, addresses replica.Addresses, showText bool) (*instance, *operator) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	r := startReplicaWith(t, addresses, replica.Options{Operators: l, ShowText: showText})
	r.operators = &operator{t, "http://" + l.Addr().String()}
	return r, r.operators
}

func (o *operator) do(method, path string, headers ...string) reply {
	o.t.Helper()
	client := &http.Client{Timeout: requestTimeout, CheckRedirect: mustNotFollow}
	p := &person{instance: &instance{t: o.t, base: o.base}, http: client}
	return p.do(method, path, nil, append([]string{"Accept", "text/html,*/*"}, headers...)...)
}

func (o *operator) page(path string) *goquery.Document {
	o.t.Helper()
	return o.do(http.MethodGet, path).page(http.StatusOK)
}
