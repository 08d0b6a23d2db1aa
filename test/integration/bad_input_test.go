package integration

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/test/wait"
)

// TestBadInput: each invalid request has its status and its problem, and changes
// nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	conversation := ada.openConversation(bob)
	ada.send(conversation, "before")
	stranger := r.visitor()
	id := chat.NewID().String()
	postRaw := func(body, contentType string) reply {
		return ada.do("POST", conversation+"/messages", strings.NewReader(body), "Content-Type", contentType)
	}
	send := func(p *person, body, client string, headers ...string) reply {
		return p.post(conversation+"/messages", url.Values{"body": {body}, "client_id": {client}}, headers...)
	}

	for name, tt := range map[string]struct {
		got    reply
		status int
		kind   string
		field  string
		detail string
	}{
		"empty": {send(ada, "", id), 422, "invalid", "body", "Write something"},
		"blank": {send(ada, " \n\u200b\t", id), 422, "invalid", "body", "Write something"},
		"4,001 code points": {
			send(ada, strings.Repeat("é", 4001), id),
			422, "invalid", "body", "1 too many",
		},
		"16,001 bytes": {
			send(ada, strings.Repeat("🎹", 4000)+"x", id),
			422, "invalid", "body", "too many",
		},
		"NUL":           {send(ada, "a\x00b", id), 422, "invalid", "body", "can’t be kept"},
		"invalid UTF-8": {send(ada, "a\xffb", id), 422, "invalid", "body", "can’t be kept"},
		"invalid UTF-8, JSON": {
			postRaw("{\"body\":\"a\xffb\",\"client_id\":\""+id+"\"}", "application/json"),
			422, "invalid", "body", "can’t be kept",
		},
		"1 MB":                {send(ada, strings.Repeat("x", 1<<20), id), 413, "too-large", "", "Too long"},
		"malformed client id": {send(ada, "hi", "42"), 422, "invalid", "client_id", "too old"},
		"client id of v4": {
			send(ada, "hi", "3f2a8c8e-9a4b-4c1d-8e2f-0123456789ab"),
			422, "invalid", "client_id", "too old",
		},
		"no client id":         {send(ada, "hi", ""), 422, "invalid", "client_id", "too old"},
		"somebody else's":      {send(eve, "hi", id), 404, "not-found", "", "nothing at this address"},
		"somebody else's page": {eve.get(conversation), 404, "not-found", "", "nothing at this address"},
		"unknown": {
			eve.get("/conversations/" + id),
			404, "not-found", "", "nothing at this address",
		},
		"malformed id": {eve.get("/conversations/42"), 404, "not-found", "", "nothing at this address"},
		"no session":   {send(stranger, "hi", id), 401, "signed-out", "", "sign in"},
		"cross-site": {
			send(ada, "hi", id, "Sec-Fetch-Site", "cross-site"),
			403, "cross-site", "", "another site",
		},
		"same-site": {
			send(ada, "hi", id, "Sec-Fetch-Site", "same-site"),
			403, "cross-site", "", "another site",
		},
		"foreign origin": {
			send(ada, "hi", id, "Origin", "https://evil.example"),
			403, "cross-site", "", "another site",
		},
		"null origin": {send(ada, "hi", id, "Origin", "null"), 403, "cross-site", "", "another site"},
		"bad cursor": {
			ada.get(conversation + "?before=yesterday"),
			400, "invalid", "before", "place in the conversation",
		},
		"two cursors": {
			ada.get(conversation + "?before=5&after=3"),
			400, "invalid", "before", "not both",
		},
		"limit 0":   {ada.get(conversation + "?limit=0"), 400, "invalid", "limit", "1 to 100"},
		"limit 101": {ada.get(conversation + "?limit=101"), 400, "invalid", "limit", "1 to 100"},
		"bad page of the list": {
			ada.get("/conversations?page=!"),
			400, "invalid", "page", "isn’t there any more",
		},
		"wrong content type": {postRaw("hi", "text/plain"), 415, "unsupported-media-type", "", "form"},
		"broken JSON":        {postRaw("{", "application/json"), 400, "bad-request", "", "isn’t right"},
		"no route":           {ada.get("/nowhere"), 404, "not-found", "", "moved"},
		"oneself": {
			ada.post("/conversations", url.Values{"person": {ada.ID.String()}}),
			422, "invalid", "person", "takes two",
		},
		"no such person": {
			ada.post("/conversations", url.Values{"person": {id}}),
			404, "not-found", "", "nothing at this address",
		},
		"HEAD of the stream":   {ada.do("HEAD", "/events", nil), 405, "", "", ""},
		"a stream, signed out": {stranger.get("/events?format=json"), 401, "signed-out", "", "sign in"},
		"a name of nothing": {
			stranger.post("/signin/dev", url.Values{"name": {"  "}}),
			422, "invalid", "name", "at least one letter",
		},
		"dev sign-in, proxied": {
			stranger.post("/signin/dev", url.Values{"name": {"Mallory"}}, "X-Forwarded-For", "203.0.113.9"),
			404, "not-found", "", "moved",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.got.status != tt.status {
				t.Fatalf("status %d, want %d: %s", tt.got.status, tt.status, tt.got.body)
			}
			if tt.kind == "" {
				return
			}
			if ct := tt.got.header.Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("content type %q", ct)
			}

			var p struct {
				Type, Title, Detail, Field string
				Status                     int
			}
			must(t, json.Unmarshal([]byte(tt.got.body), &p))

			if p.Type != tt.kind || p.Field != tt.field || p.Status != tt.status ||
				!strings.Contains(p.Detail, tt.detail) || p.Title == "" {
				t.Errorf("problem: %s", tt.got.body)
			}
		})
	}

	wait.Until(t, "the valid message is stored", func() bool {
		return ada.read(conversation).Conversation.LastSeq == 1
	})
	if got := ada.read(conversation); len(got.Messages)+len(got.Pending) != 1 {
		t.Errorf("%d messages after the bad input, want 1", len(got.Messages)+len(got.Pending))
	}
}
