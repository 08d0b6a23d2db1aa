package browser

import (
	"slices"
	"strconv"
	"strings"

	"parley/test/wait"
)

// Finds searches for a person by name on the people page.
func (p *Person) Finds(other *Person) {
	p.t.Helper()
	p.Opens("/people")
	p.TypesInto("#who", other.Name)
	p.Clicks(`//form[@aria-label="People"]//button`, func() bool { return p.RowOf(other) != "" })
}

// RowOf is the text of another person's row in the list of people, requests or friends, or "".
func (p *Person) RowOf(other *Person) string {
	return p.Text(`[...document.querySelectorAll("main li")]
		.find(e => e.querySelector("b")?.textContent === ` + strconv.Quote(other.Name) + `)?.innerText ?? ""`)
}

// SeeingInRow is the condition that another person's row has words.
func (p *Person) SeeingInRow(other *Person, words string) func() bool {
	return func() bool { return strings.Contains(p.RowOf(other), words) }
}

// SeesInRow waits until another person's row has words.
func (p *Person) SeesInRow(other *Person, words string) {
	p.t.Helper()
	what := p.Name + " sees " + strconv.Quote(words) + " in the row of " + other.Name
	wait.Until(p.t, what, p.SeeingInRow(other, words))
}

// ClicksInRow clicks a button, or a link that looks like one, in another person's row until
// a condition holds.
func (p *Person) ClicksInRow(other *Person, button string, until func() bool) {
	p.t.Helper()
	p.Clicks(`//main//li[.//b[.="`+other.Name+`"]]//*[self::button or self::a][normalize-space()="`+button+`"]`, until)
}

// Befriends makes two people friends, unless they are: the first finds the second and sends a
// request, and the second accepts the request on the page of requests.
func (p *Person) Befriends(friend *Person) {
	p.t.Helper()
	p.Finds(friend)
	if slices.Contains(strings.Split(p.RowOf(friend), "\n"), "Write") { // friends, in either list of the page
		return
	}
	p.ClicksInRow(friend, "Add friend", p.SeeingInRow(friend, "Requested"))

	friend.Opens("/requests")
	friend.ClicksInRow(p, "Accept", friend.SeeingInRow(p, "Accepted"))
}

// OpensConversationWith befriends a person, opens the conversation from the page of friends, and
// returns the path of the conversation.
func (p *Person) OpensConversationWith(friend *Person) string {
	p.t.Helper()
	p.Befriends(friend)
	p.Opens("/friends")
	p.ClicksInRow(friend, "Write", p.Showing("#message"))
	return p.Path()
}

// SeesRequestCount waits until the tab of requests has a number; "" for none.
func (p *Person) SeesRequestCount(want string) {
	p.t.Helper()
	p.Eventually("the number of requests",
		`(e => e && !e.hidden ? e.firstChild.data.trim() : "")(document.getElementById("waiting"))`, want)
}

// Toasts is the text of the notices in the corner of the page.
func (p *Person) Toasts() string { return p.Text(`document.querySelector(".toasts").innerText`) }

// SeesToast waits for a notice with these words.
func (p *Person) SeesToast(words string) {
	p.t.Helper()
	what := p.Name + " sees the notice " + strconv.Quote(words)
	wait.Until(p.t, what, func() bool { return strings.Contains(p.Toasts(), words) })
}

// ListRowOf is the text of the row of another person in the list of conversations, or "".
func (p *Person) ListRowOf(other *Person) string {
	return p.Text(`[...document.querySelectorAll("a.conversation")]
		.find(e => e.querySelector(".name").textContent === ` + strconv.Quote(other.Name) + `)
		?.innerText.replace(/\s+/g, " ") ?? ""`)
}

// SeesInList waits until the row of another person in the list of conversations has words.
func (p *Person) SeesInList(other *Person, words string) {
	p.t.Helper()
	what := p.Name + " sees " + strconv.Quote(words) + " in the list at " + other.Name
	wait.Until(p.t, what, func() bool { return strings.Contains(p.ListRowOf(other), words) })
}
