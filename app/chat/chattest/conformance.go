package chattest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestStore is the conformance suite of chat.Store. open returns an empty store. The cases run side
// by side, after TestStore has returned.
func TestStore(t *testing.T, open func(t *testing.T) chat.Store) {
	for name, test := range map[string]func(*testing.T, chat.Store){
		"accounts":                            testAccounts,
		"sessions":                            testSessions,
		"expired sessions":                    testExpiredSessions,
		"direct conversations":                testOpenDirect,
		"memberships":                         testMemberships,
		"followed channels":                   testFollowed,
		"conversation list":                   testList,
		"message pages":                       testPages,
		"direct writes":                       testStoreDirect,
		"marks":                               testMarks,
		"unread messages":                     testUnread,
		"pinned conversations":                testPins,
		"concurrent pins":                     testMaxPins,
		"archived conversations":              testArchive,
		"muted conversations":                 testMute,
		"messages marked as unread":           testMarkUnread,
		"groups":                              testGroups,
		"roles in groups":                     testGroupRoles,
		"channels of groups":                  testGroupChannel,
		"concurrent changes of groups":        testGroupRaces,
		"deletion of members of groups":       testGroupDeletion,
		"invite links of groups":              testGroupInvites,
		"waiting to join a group":             testJoinRequests,
		"last use of a group link":            testLastUse,
		"friends":                             testFriends,
		"unfriend":                            testUnfriend,
		"requests":                            testRequests,
		"declined requests":                   testDeclined,
		"requests per day":                    testRequestsPerDay,
		"concurrent requests":                 testRequestRaces,
		"invites":                             testInvites,
		"invites in other relations":          testInviteRelations,
		"invites per day":                     testInvitesPerDay,
		"concurrent invites":                  testInvitesAtOnce,
		"blocks":                              testBlocks,
		"blocked requests":                    testBlockedRequests,
		"concurrent blocks":                   testBlockRaces,
		"people search":                       testPeople,
		"search in any case":                  testCases,
		"search with plain letters":           testPlainLetters,
		"search of short names":               testShortNames,
		"filter of white space":               testFilterSpaces,
		"person states":                       testStates,
		"rename":                              testRename,
		"sign-ins":                            testSpendSignIn,
		"pictures":                            testPictures,
		"offered pictures":                    testOfferedPictures,
		"concurrent pictures":                 testPicturesAtOnce,
		"renamed friend":                      testRenamedFriend,
		"many sessions":                       testManySessions,
		"settings":                            testSettings,
		"time zone":                           testTimeZone,
		"hidden marks":                        testHiddenMarks,
		"last views":                          testLastViews,
		"last views of requests":              testLastViewsOfRequests,
		"last views of deleted people":        testLastViewsOfDeleted,
		"blocks after a deletion":             testBlocksAfterDeletion,
		"requests after a deletion":           testRequestsAfterDeletion,
		"friends of deleted people":           testFriendsOfDeleted,
		"export":                              testExport,
		"deletion":                            testDeletion,
		"concurrent deletion":                 testDeletionAtOnce,
		"races with a deletion":               TestDeletionRaces,
		"sequence numbers":                    testNumbers,
		"conversation filter":                 testFilter,
		"last seen":                           testSeen,
		"drafts":                              testDrafts,
		"returned messages":                   testReturned,
		"returned messages of deleted people": testReturnedDeleted,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

var ctx = context.Background()

// account returns the account of a name of the development provider.
func account(t *testing.T, s chat.Store, name string) chat.Person {
	t.Helper()
	p, err := s.Account(ctx, chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(name), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Befriend makes two people friends with a conversation: each sends the other a request.
func Befriend(t testing.TB, s chat.Store, a, b chat.Person) {
	t.Helper()
	for _, ask := range []chat.FriendRequest{{Asker: a.ID, Asked: b.ID}, {Asker: b.ID, Asked: a.ID}} {
		ask.ID, ask.At = chat.NewID(), time.Now()
		if _, err := s.RequestFriend(ctx, ask); err != nil {
			t.Fatal(err)
		}
	}
}

// openDirect makes two people friends and returns their conversation.
func openDirect(t *testing.T, s chat.Store, a, b chat.Person) uuid.UUID {
	t.Helper()
	Befriend(t, s, a, b)
	id, _, err := s.OpenDirect(ctx, a.ID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// newMessage returns a message that is sent the given number of minutes from now.
func newMessage(by chat.Person, in uuid.UUID, body string, minute int) chat.Message {
	client := chat.NewID()
	return chat.Message{
		ID:             chat.MessageID(by.ID, in, client, body),
		ConversationID: in,
		ClientID:       client,
		Sender:         by,
		Body:           body,
		SentAt:         chat.At(time.Now().Add(time.Duration(minute) * time.Minute)),
	}
}

// storeMessages stores messages with a direct write.
func storeMessages(t *testing.T, s chat.Store, id uuid.UUID, messages ...chat.Message) {
	t.Helper()
	if _, err := s.StoreDirect(ctx, id, messages); err != nil {
		t.Fatal(err)
	}
}

// wantKind checks the kind of an error.
func wantKind(t *testing.T, what string, err error, kind chat.Kind) {
	t.Helper()
	if chat.KindOf(err) != kind {
		t.Errorf("%s: got %v, want kind %q", what, err, kind)
	}
}
