package integration

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parley/app/chat"
)

// requestTimeout bounds each request of a test. It only matters to tests that fail.
const requestTimeout = 20 * time.Second

var (
	html = []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}
	htmx = append(html[:2:2], "HX-Request", "true")
)

// person is a browser or a JSON client at a replica, signed in or not. It requests
// JSON unless the headers differ, and follows no redirect.
type person struct {
	*instance
	http *http.Client
	chat.Person
}

// visitor is a new browser that is not signed in.
func (r *instance) visitor() *person {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}

	return &person{
		instance: r,
		http:     &http.Client{Jar: jar, Timeout: requestTimeout, CheckRedirect: mustNotFollow},
	}
}

// signIn signs somebody in by the development sign-in, in a browser of their own.
func (r *instance) signIn(name string) *person {
	r.t.Helper()
	return r.visitor().signInAs(name + r.nameSuffix)
}

// signInAs signs in under a name without the suffix of the test.
func (p *person) signInAs(name string, headers ...string) *person {
	p.t.Helper()
	var a struct{ User chat.Person }
	p.post("/signin/dev", url.Values{"name": {name}}, headers...).decode(&a, http.StatusOK)
	p.Person = a.User
	return p
}

// signInAgain signs the same person in with another browser.
func (p *person) signInAgain(r *instance, userAgent string) *person {
	p.t.Helper()
	return r.visitor().signInAs(p.Name, "User-Agent", userAgent)
}

// onReplica is the same browser at another replica.
func (p *person) onReplica(r *instance) *person {
	return &person{instance: r, http: p.http, Person: p.Person}
}

// loadAccount reads who is signed in.
func (p *person) loadAccount() *person {
	p.t.Helper()
	var a struct{ User chat.Person }
	p.get("/account").decode(&a, http.StatusOK)
	p.Person = a.User
	return p
}

func (p *person) signedIn() bool {
	p.t.Helper()
	return p.get("/account").status == http.StatusOK
}

// token returns the session's token.
func (p *person) token() string { return p.cookie("parley") }

func (p *person) cookie(name string) string {
	for _, c := range p.cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (p *person) cookies() []*http.Cookie {
	u, _ := url.Parse(p.base)
	return p.http.Jar.Cookies(u)
}

func (p *person) setCookie(name, value string) {
	u, _ := url.Parse(p.base)
	p.http.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// get requests a path; headers are pairs of names and values.
func (p *person) get(path string, headers ...string) reply {
	p.t.Helper()
	return p.do(http.MethodGet, path, nil, headers...)
}

func (p *person) post(path string, form url.Values, headers ...string) reply {
	p.t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return p.do(http.MethodPost, path, strings.NewReader(form.Encode()), headers...)
}

// browse requests a page of Parley or, with a whole URL, of any site.
func (p *person) browse(address string, headers ...string) reply {
	p.t.Helper()
	if !strings.HasPrefix(address, "http") {
		address = p.base + address
	}
	return p.doURL(http.MethodGet, address, nil, append([]string{"Accept", "text/html,*/*;q=0.8"}, headers...)...)
}

// page requests a page as a browser without scripts does.
func (p *person) page(path string, headers ...string) *goquery.Document {
	p.t.Helper()
	return p.get(path, append([]string{"Accept", "text/html"}, headers...)...).page(http.StatusOK)
}

// follow expects a redirect to a path and requests it.
func (p *person) follow(r reply, path string) *goquery.Document {
	p.t.Helper()
	if got := r.header.Get("Location"); r.status != http.StatusSeeOther || got != path {
		p.t.Fatalf("redirected with status %d to %q, want 303 to %q: %s", r.status, got, path, r.body)
	}
	path, _, _ = strings.Cut(path, "#")
	return p.get(path, html...).page(http.StatusOK)
}

// do requests a path with any method.
func (p *person) do(method, path string, body io.Reader, headers ...string) reply {
	p.t.Helper()
	return p.doURL(method, p.base+path, body, headers...)
}

func (p *person) doURL(method, address string, body io.Reader, headers ...string) reply {
	p.t.Helper()
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		p.t.Fatal(err)
	}

	req.Header.Set("Accept", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}

	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}

	return reply{p.t, method + " " + address, res.StatusCode, res.Header, string(b)}
}
