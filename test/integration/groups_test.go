package integration

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/test/wait"
)

// createGroup creates a group of a person and friends, and returns its path.
func (p *person) createGroup(name string, friends ...*person) string {
	p.t.Helper()
	form := url.Values{"kind": {"group"}, "name": {name}}
	for _, f := range friends {
		p.befriend(f)
		form.Add("member", f.ID.String())
	}
	var a struct{ Conversation chat.Conversation }
	p.post("/conversations", form).decode(&a, 201)
	if c := a.Conversation; c.Kind != chat.GroupConversation || c.Title != name || c.Role != chat.RoleOwner ||
		c.MembersCount != len(friends)+1 || !c.Writable || c.LastSeq != 1 {
		p.t.Fatalf("created group: %+v", c)
	}
	return "/conversations/" + a.Conversation.ID.String()
}

// roles returns the members of a group as "Ada:owner Bob:member", without the suffix of names.
func (p *person) roles(group string) string {
	p.t.Helper()
	var a struct{ Members []chat.GroupMember }
	p.get(group+"/members").decode(&a, 200)
	var list []string
	for _, m := range a.Members {
		name, _, _ := strings.Cut(m.Person.Name, " ")
		list = append(list, name+":"+string(m.Role))
	}
	return strings.Join(list, " ")
}

// says returns the texts and system events that a person reads, in order.
func (p *person) says(group string) string {
	p.t.Helper()
	var list []string
	wait.Until(p.t, "all is stored", func() bool { return len(p.read(group).Pending) == 0 })
	for _, m := range p.read(group).Messages {
		if m.System != nil {
			list = append(list, string(m.System.Event))
		} else {
			list = append(list, m.Body)
		}
	}
	return strings.Join(list, " ")
}

// waitForText waits for a message of a group with this text.
func (s *stream) waitForText(body string) {
	s.t.Helper()
	for {
		var e chat.MessageEvent
		must(s.t, json.Unmarshal([]byte(s.waitFor("message")), &e))
		if e.Message.Body == body {
			return
		}
	}
}

// TestGroups: members on two replicas chat live; who is removed reads what they could, and no
// more; the last owner names a successor.
func TestGroups(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob, cyd, eve := one.signIn("Ada"), two.signIn("Bob"), two.signIn("Cyd"), one.signIn("Eve")
	ada.befriend(cyd)
	group := ada.createGroup("Choir", bob)
	bobStream, cydStream := bob.openStream(), cyd.openStream()
	ada.send(group, "hello")
	bobStream.waitForText("hello")

	var added struct{ Member chat.GroupMember }
	ada.post(group+"/members", url.Values{"person": {cyd.ID.String()}}).decode(&added, 201)
	if m := added.Member; m.Person.ID != cyd.ID || m.Role != chat.RoleMember || m.JoinedSeq != 3 {
		t.Errorf("added member: %+v", m)
	}
	var e chat.MemberEvent
	must(t, json.Unmarshal([]byte(cydStream.waitFor("member")), &e))
	if e.Person != cyd.ID || e.State != chat.MemberJoined || e.Role != chat.RoleMember {
		t.Errorf("event of the new member: %+v", e)
	}
	bob.send(group, "welcome")
	cydStream.waitForText("welcome")
	if got := cyd.says(group); got != "joined welcome" {
		t.Errorf("the newcomer reads %q", got)
	}
	if got := bob.roles(group); got != "Ada:owner Bob:member Cyd:member" {
		t.Errorf("members: %s", got)
	}

	ada.post(group+"/members/"+cyd.ID.String()+"/role", url.Values{"role": {"admin"}}).expectStatus(200)
	cyd.post(group+"/settings", url.Values{"posting": {"admins"}, "about": {"Tuesdays"}}).expectStatus(200)
	wait.Until(t, "only admins write", func() bool {
		r := bob.post(group+"/messages", messageForm("hm"))
		return r.status == 403 && strings.Contains(r.body, `"type":"not-allowed"`) &&
			strings.Contains(r.body, "Only admins write here.")
	})
	cyd.send(group, "news")
	bobStream.waitForText("news")
	if c := bob.read(group).Conversation; c.Name != "Choir" || c.About != "Tuesdays" || c.Writable ||
		c.Posting != chat.PostingAdmins {
		t.Errorf("after the change: %+v", c)
	}

	ada.post(group+"/members/"+cyd.ID.String()+"/remove", nil).expectStatus(204)
	cydStream.waitFor("member")
	ada.send(group, "secret")
	bobStream.waitForText("secret")
	eve.send(eve.openConversation(cyd), "to Cyd") // comes after what a removed person must not get
	for {
		var e chat.MessageEvent
		must(t, json.Unmarshal([]byte(cydStream.waitFor("message")), &e))
		if e.Message.Body == "secret" {
			t.Error("a removed person got a message")
		}
		if e.Message.Body == "to Cyd" {
			break
		}
	}
	if got := cyd.says(group); strings.Contains(got, "secret") || !strings.HasSuffix(got, "news removed") {
		t.Errorf("the removed person reads %q", got)
	}
	for _, path := range []string{"/members", "/members?page=x"} {
		cyd.get(group + path).expectStatus(404)
	}
	if r := cyd.post(group+"/messages", messageForm("hi")); r.status != 403 ||
		!strings.Contains(r.body, "You are no longer in this group.") {
		t.Errorf("a removed person writes: %d %s", r.status, r.body)
	}
	cyd.post(group+"/settings", url.Values{"name": {"Mine"}}).expectStatus(404)
	eve.get(group).expectStatus(404)
	eve.post(group+"/leave", nil).expectStatus(404)
	bob.post(group+"/settings", url.Values{"name": {"Mine"}}).expectStatus(403)
	ada.post(group+"/members", url.Values{"person": {eve.ID.String()}}).expectStatus(403)

	ada.post(group+"/leave", url.Values{"successor": {bob.ID.String()}}).expectStatus(204)
	if got := bob.roles(group); got != "Bob:owner" {
		t.Errorf("after the owner left: %s", got)
	}
}

// TestGroupPages: pages of a group say what is true of it, for members and for those who left.
func TestGroupPages(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	group := ada.createGroup("Choir", bob)
	ada.sendStored(group, "hello")
	row := bob.page("/conversations").Find("#talk-" + strings.TrimPrefix(group, "/conversations/"))
	if got := strings.Join(strings.Fields(row.Text()), " "); !strings.Contains(got, "Ada: hello") ||
		row.Find(".avatar.group").Length() != 1 {
		t.Errorf("row of the list: %q", got)
	}

	page := bob.page(group)
	if got := page.Find(".header").Text(); !strings.Contains(got, "Choir") || !strings.Contains(got, "2 members") {
		t.Errorf("header: %q", got)
	}
	if got := page.Find("#messages.group .message.system > p").Text(); got != "Ada created the group “Choir”" {
		t.Errorf("system message: %q", got)
	}
	if page.Find(`form[action^="/people/"], form[action^="/friends/"]`).Length() > 0 {
		t.Error("a group's page has the actions of a person")
	}
	for path, words := range map[string]string{"/details": "Choir", "/details?check=1": "none missing"} {
		if got := bob.page(group + path).Find("main").Text(); !strings.Contains(got, words) {
			t.Errorf("%s lacks %q: %s", path, words, got)
		}
	}

	details := ada.page(group + "/details")
	for _, action := range []string{"/settings", "/leave", "/members/" + bob.ID.String() + "/remove", "/members/" + bob.ID.String() + "/role"} {
		if details.Find(`form[method=post][action="`+group+action+`"]`).Length() == 0 {
			t.Errorf("the owner's details lack the form %s", action)
		}
	}
	if n := bob.page(group + "/members").Find(`form[action$="/settings"], form[action$="/remove"]`).Length(); n > 0 {
		t.Errorf("a member's details have %d forms of admins", n)
	}
	if n := ada.page("/groups/new").Find(`input[name=member][value="` + bob.ID.String() + `"]`).Length(); n != 1 {
		t.Errorf("new group: %d boxes for a friend", n)
	}
	refused := ada.post("/conversations", url.Values{"kind": {"group"}, "name": {" "}, "about": {"Kept words"}}, "Accept", "text/html")
	if refused.status != 422 || !strings.Contains(refused.body, "Kept words") {
		t.Errorf("refused form: %d %s", refused.status, refused.body)
	}

	bob.post(group+"/leave", nil, "Accept", "text/html").expectStatus(303)
	page = bob.page(group)
	if got := page.Find("#closed textarea").AttrOr("placeholder", ""); got != "You are no longer in this group." {
		t.Errorf("read-only notice: %q", got)
	}
	if got := page.Find(".message.system > p").Last().Text(); got != "Bob left" {
		t.Errorf("last message: %q", got)
	}
}

// TestExportOfAGroup: an archive has of a group what its person may read, from when they joined.
func TestExportOfAGroup(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, cyd := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Cyd")
	ada.befriend(cyd)
	group := ada.createGroup("Choir", bob)
	ada.sendStored(group, "before", "before too")
	ada.post(group+"/members", url.Values{"person": {cyd.ID.String()}}).expectStatus(201)
	ada.sendStored(group, "after")

	files := cyd.post("/account/export", nil).unzip()
	var e exported
	must(t, json.Unmarshal([]byte(files["data.json"]), &e))
	i := slices.IndexFunc(e.Conversations, func(c struct {
		chat.ExportedConversation
		Messages []chat.Message
	}) bool {
		return c.Title == "Choir"
	})
	if i < 0 || e.Conversations[i].FromSeq != 4 || len(e.Conversations[i].Messages) != 2 ||
		e.Conversations[i].Messages[1].Body != "after" {
		t.Fatalf("exported conversations: %+v", e.Conversations)
	}
	for _, words := range []string{"Ada added Cyd", "Messages 4–5, none missing"} {
		if !strings.Contains(files["index.html"], words) {
			t.Errorf("index.html lacks %q", words)
		}
	}
}

// TestDeletedOwner: a group whose owner deletes their account goes on with another owner.
func TestDeletedOwner(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	group := ada.createGroup("Choir", bob)
	bobStream := bob.openStream()
	ada.post("/account/delete", url.Values{"name": {ada.Name}}).expectStatus(204)
	bobStream.waitFor("member")
	if got := bob.roles(group); got != "Bob:owner" {
		t.Errorf("members: %s", got)
	}
	if got := bob.says(group); got != "created role left" {
		t.Errorf("Bob reads %q", got)
	}
	if got := bob.page(group).Find(".message.system > p").Last().Text(); got != "Deleted left" {
		t.Errorf("last message: %q", got)
	}
	bob.send(group, "still here")
}

// TestNewGroupsAreChecked: what a group can't be is refused, with the field's name.
func TestNewGroupsAreChecked(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	bobs := bob.ID.String()
	for _, tt := range []struct {
		form   url.Values
		status int
		words  string
	}{
		{url.Values{"kind": {"group"}}, 422, `"field":"name"`},
		{url.Values{"kind": {"crowd"}, "name": {"Choir"}}, 422, `"field":"kind"`},
		{url.Values{"kind": {"group"}, "name": {"Choir"}, "member": {"nobody"}}, 422, `"field":"member"`},
		{url.Values{"kind": {"group"}, "name": {"Choir"}, "posting": {"few"}}, 422, `"field":"posting"`},
		{url.Values{"kind": {"group"}, "name": {"Choir"}, "history": {"some"}}, 422, `"field":"history"`},
		{url.Values{"kind": {"group"}, "name": {"Choir"}, "about": {strings.Repeat("x", 501)}}, 422, `"field":"about"`},
		{url.Values{"kind": {"group"}, "name": {"Choir"}, "member": {bobs}}, 403, `"type":"not-allowed"`}, // no friend
	} {
		if got := ada.post("/conversations", tt.form); got.status != tt.status || !strings.Contains(got.body, tt.words) {
			t.Errorf("%v: %d %s", tt.form, got.status, got.body)
		}
	}

	ada.befriend(bob)
	body := `{"kind":"group","name":"Choir","member":["` + bobs + `"]}`
	got := ada.do("POST", "/conversations", strings.NewReader(body), "Content-Type", "application/json")
	if got.status != 201 || !strings.Contains(got.body, `"members_count":2`) {
		t.Errorf("in JSON: %d %s", got.status, got.body)
	}
}

// TestGroupsHaveALimit: LIMIT_GROUP_MEMBERS bounds the members of a group.
func TestGroupsHaveALimit(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_GROUP_MEMBERS", "2")
	ada, bob, cyd := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Cyd")
	ada.befriend(cyd)
	group := ada.createGroup("Choir", bob)
	got := ada.post(group+"/members", url.Values{"person": {cyd.ID.String()}})
	if got.status != 409 || !strings.Contains(got.body, `"type":"full"`) {
		t.Errorf("third member: %d %s", got.status, got.body)
	}
}
