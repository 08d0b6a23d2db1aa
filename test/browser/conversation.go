package browser

import (
	"strconv"
	"strings"
	"time"

	"parley/test/wait"
)

// Types types text into the message box.
func (p *Person) Types(text string) {
	p.t.Helper()
	p.TypesInto("#message", text)
}

// Sends types a message and presses Enter.
func (p *Person) Sends(text string) {
	p.t.Helper()
	p.Types(text)
	p.PressesEnter()
}

// Submits sends a message by a script. It does nothing on a page without the form.
func (p *Person) Submits(text string) {
	p.Runs(`(f => { if (f) { f.elements.body.value = ` + strconv.Quote(text) + `; f.requestSubmit() } return true })
		(document.getElementById("composer"))`)
}

// Sees waits for a message with exactly this text, and fails if the page has two of them.
func (p *Person) Sees(text string) {
	p.t.Helper()
	wait.Until(p.t, p.Name+" sees "+strconv.Quote(text), func() bool { return p.Count(text) > 0 })
	if n := p.Count(text); n != 1 {
		p.t.Fatalf("%s sees %q %d times", p.Name, text, n)
	}
}

// Count is how many messages on the page have exactly this text.
func (p *Person) Count(text string) (n int) {
	for _, message := range p.Messages() {
		if message == text {
			n++
		}
	}
	return n
}

// Messages are the texts of the open conversation, from top to bottom.
func (p *Person) Messages() []string {
	return p.Texts(`[...document.querySelectorAll("#messages > .message > p")].map(e => e.textContent)`)
}

// MessageIDs are the ids of the messages, from top to bottom.
func (p *Person) MessageIDs() []string {
	ids := p.Texts(`[...document.querySelectorAll("#messages > .message")].map(e => e.id)`)
	for i := range ids {
		ids[i] = strings.TrimPrefix(ids[i], "message-")
	}
	return ids
}

// AllStored reports whether all messages on the page have their seq, ascending and without a gap.
func (p *Person) AllStored() bool {
	return p.Is(`(() => {
		const seqs = [...document.querySelectorAll("#messages > .message")].map(e => +(e.dataset.seq ?? NaN))
		return seqs.every((seq, i) => seq === seqs[0] + i)
	})()`)
}

// SeesAllStored waits until all messages on the page are stored.
func (p *Person) SeesAllStored() {
	p.t.Helper()
	wait.Until(p.t, "all messages on the page of "+p.Name+" are stored", p.AllStored)
}

// ReadsReceipt waits for a word below the person's last message.
func (p *Person) ReadsReceipt(word string) {
	p.t.Helper()
	p.Eventually("the receipt",
		`[...document.querySelectorAll("#messages > .mine > .receipt")].at(-1)?.innerText.trim() ?? ""`, word)
}

// activityTimeout bounds the wait for the activity of another person: a closed stream counts as
// present for 10 s, and for longer on a busy machine.
const activityTimeout = 90 * time.Second

// ReadsActivity waits for the words about the other person's activity above the conversation.
func (p *Person) ReadsActivity(words string) {
	p.t.Helper()
	for end := time.Now().Add(activityTimeout); ; <-time.After(50 * time.Millisecond) {
		got := p.TextOf(".header .active")
		if got == words {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s reads %q, want %q\n%s", p.Name, got, words, p.Page())
		}
	}
}

// SeesTyping reports whether the page shows that the other person is typing.
func (p *Person) SeesTyping() bool {
	return p.Is(`!!document.getElementById("typing")?.checkVisibility()`)
}

// ReturnedMessages are the person's messages that could not be stored, each with the reason.
func (p *Person) ReturnedMessages() []string {
	return p.Texts(`[...document.querySelectorAll("#returned > .message")]
		.map(e => e.querySelector("p").textContent + ": " + e.querySelector(".receipt").innerText.trim())`)
}

// SeesReturned waits until these are the person's returned messages, each with the reason.
func (p *Person) SeesReturned(want ...string) {
	p.t.Helper()
	what := p.Name + " sees the returned messages " + strconv.Quote(strings.Join(want, ", "))
	wait.Until(p.t, what, func() bool {
		return strings.Join(p.ReturnedMessages(), ", ") == strings.Join(want, ", ") || p.t.Failed()
	})
}
