package integration

import (
	"net/url"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/test/wait"
)

func (p *person) settings() chat.Settings {
	p.t.Helper()
	var a struct{ Settings chat.Settings }
	p.get("/account").decode(&a, 200)
	return a.Settings
}

// TestSettings saves settings by a plain form, by htmx and by JSON.
func TestSettings(t *testing.T) {
	t.Parallel()
	r, two := sharedPair(t)
	ada := r.signIn("Ada")
	there := ada.onReplica(two)
	if there.settings() != chat.DefaultSettings() { // caches the session there
		t.Errorf("settings of a new account: %+v", there.settings())
	}

	var a struct{ Settings chat.Settings }
	ada.post("/account/appearance", url.Values{"theme": {"dark"}}).decode(&a, 200)
	if a.Settings.Theme != "dark" || !a.Settings.ShareRead {
		t.Errorf("JSON answer: %+v", a.Settings)
	}

	wait.Until(t, "the other replica uses the new settings", func() bool { return there.settings().Theme == "dark" })

	// A browser posts a hidden "off", and "on" behind it if the box is checked.
	form := url.Values{"share_read": {"off", "on"}, "share_presence": {"off"}, "share_typing": {"off"}}
	doc := ada.follow(ada.post("/account/privacy", form, html...), "/account?saved=privacy#privacy")
	if got := ada.settings(); !got.ShareRead || got.SharePresence || got.ShareTyping || got.Theme != "dark" {
		t.Errorf("stored settings: %+v", got)
	}

	if doc.Find("html[data-theme=dark]").Length() != 1 || words(doc.Find("#privacy-saved")) != "Saved" ||
		words(doc.Find("#appearance-saved")) != "" ||
		doc.Find("#share_read[checked]").Length() != 1 || doc.Find("#share_typing[checked]").Length() != 0 {
		t.Errorf("page after saving: %s", words(doc.Find("main")))
	}

	got := ada.post("/account/zone", url.Values{"time_zone": {"Europe/Amsterdam"}}, htmx...)
	if words(got.page(200).Find(".status.good")) != "Saved" {
		t.Errorf("answer to htmx: %s", got.body)
	}
	got = ada.post("/account/zone", url.Values{"time_zone": {"Mars"}}, htmx...)
	if !strings.Contains(words(got.page(422).Find(".status.bad")), "no such time zone") {
		t.Errorf("answer to htmx: %s", got.body)
	}

	doc = ada.post("/account/zone", url.Values{"time_zone": {"<b>Mars"}}, html...).page(422)
	field := doc.Find("#time-zone")
	if v, _ := field.Attr("value"); v != "<b>Mars" || field.AttrOr("aria-invalid", "") != "true" ||
		!strings.Contains(words(doc.Find("#zone-saved")), "no such time zone") {
		t.Errorf("rejected time zone in the form: %q", v)
	}

	if got := ada.settings().TimeZone; got != "Europe/Amsterdam" {
		t.Errorf("stored time zone: %q", got)
	}
}

// TestTimeZoneGuess: the page's script sets the time zone once, and never overrides
// a choice.
func TestTimeZoneGuess(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	if ada.get("/conversations", html...).page(200).Find("body[data-zone]").Length() != 1 {
		t.Error("the page does not mark the time zone as unknown")
	}

	for zone, status := range map[string]int{"Asia/Tokyo": 204, "Etc/Unknown": 422, "Local": 422} {
		ada.post("/account/zone", url.Values{"guess": {"1"}, "time_zone": {zone}}).expectStatus(status)
	}

	got := ada.post("/account/zone", url.Values{"guess": {"1"}, "time_zone": {"America/Lima"}})
	if got.status != 204 || ada.settings().TimeZone != "Asia/Tokyo" {
		t.Errorf("second guess: status %d, stored %q", got.status, ada.settings().TimeZone)
	}

	if ada.get("/conversations", html...).page(200).Find("body[data-zone]").Length() != 0 {
		t.Error("the page marks a known time zone as unknown")
	}
}

// TestRename: a new name is shown to friends, and markup in it is harmless.
func TestRename(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, conversation := r.signInFriends()
	if got := bob.read(conversation).Conversation.Title; got != ada.Name {
		t.Fatalf("title of the friend's conversation: %q", got)
	}

	hostile := `<img src=x onerror=alert(1)> "O'Brien"`
	saved := ada.post("/account/profile", url.Values{"name": {"  " + hostile + " "}}, html...)
	doc := ada.follow(saved, "/account?saved=profile#profile")
	if v := doc.Find("#name").AttrOr("value", ""); v != hostile ||
		words(doc.Find("form[action='/account/profile'] [role=status]")) != "Saved" ||
		doc.Find("img[onerror]").Length() > 0 {
		t.Errorf("name on the page after saving: %q", v)
	}

	if got := bob.read(conversation).Conversation.Title; got != hostile {
		t.Errorf("title of the friend's conversation: %q", got)
	}

	doc = ada.post("/account/profile", url.Values{"name": {"..."}}, html...).page(422)
	if v := doc.Find("#name[aria-invalid=true]").AttrOr("value", ""); v != "..." ||
		!strings.Contains(words(doc.Find("#name-hint[role=alert]")), "at least one letter") {
		t.Errorf("rejected name in the form: %q", v)
	}
}

// TestHiddenReadMarks: a person who hides read marks sees none of others,
// immediately and on every replica.
func TestHiddenReadMarks(t *testing.T) {
	t.Parallel()
	r, two := sharedPair(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob").onReplica(two)
	conversation := ada.openConversation(bob)
	ada.send(conversation, "hi")
	wait.Until(t, "the message is stored", func() bool { return bob.read(conversation).Conversation.LastSeq == 1 })
	bob.post(conversation+"/read", url.Values{"seq": {"1"}})
	seen := func(p *person, of *person) *int64 {
		for _, m := range p.read(conversation).Conversation.Members {
			if m.ID == of.ID {
				return m.ReadSeq
			}
		}
		return nil
	}
	if got := seen(ada, bob); got == nil || *got != 1 {
		t.Fatalf("Ada sees Bob's read mark %v", got)
	}

	bob.post("/account/privacy", url.Values{"share_read": {"off"}})
	wait.Until(t, "Ada no longer sees Bob's read mark", func() bool {
		return seen(ada, bob) == nil && seen(ada, ada) != nil
	})
	if seen(bob, ada) != nil {
		t.Error("Bob hides his read mark and still sees Ada's")
	}
}
