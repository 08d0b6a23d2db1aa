package client

import (
	"context"
	"net/url"

	"github.com/google/uuid"
)

// Person is somebody with an account.
type Person struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// FriendRequest is a request to become friends.
type FriendRequest struct {
	ID    uuid.UUID `json:"id"`
	State string    `json:"state"` // "pending", "accepted", "declined" or "cancelled"
}

// Conversation is a conversation as one of its members sees it.
type Conversation struct {
	ID      uuid.UUID `json:"id"`
	Title   string    `json:"title"` // the other person's name
	LastSeq int64     `json:"last_seq"`
	ReadSeq int64     `json:"read_seq"` // of the viewer
	Unread  int64     `json:"unread"`
}

// People finds people by name.
func (c *Client) People(ctx context.Context, name string) ([]Person, error) {
	var a struct{ People []Person }
	err := c.Get(ctx, "/people?q="+url.QueryEscape(name), &a)
	return a.People, err
}

// RequestFriend sends a friend request. Between two people who request each
// other it makes friends.
func (c *Client) RequestFriend(ctx context.Context, person uuid.UUID) (FriendRequest, error) {
	var a struct{ Request FriendRequest }
	err := c.Post(ctx, "/requests", url.Values{"person": {person.String()}}, &a)
	return a.Request, err
}

// Conversations returns the viewer's newest conversations; filter is text from
// their titles, or "".
func (c *Client) Conversations(ctx context.Context, filter string) ([]Conversation, error) {
	var a struct{ Conversations []Conversation }
	err := c.Get(ctx, "/conversations?q="+url.QueryEscape(filter), &a)
	return a.Conversations, err
}

// OpenConversation returns the conversation with a friend, new or old.
func (c *Client) OpenConversation(ctx context.Context, friend uuid.UUID) (Conversation, error) {
	var a struct{ Conversation Conversation }
	err := c.Post(ctx, "/conversations", url.Values{"person": {friend.String()}}, &a)
	return a.Conversation, err
}

// Befriend makes two people friends, each of whom requests it, and opens their
// conversation.
func (c *Client) Befriend(ctx context.Context, friend *Client) (uuid.UUID, error) {
	if _, err := c.RequestFriend(ctx, friend.User.ID); err != nil {
		return uuid.Nil, err
	}

	if _, err := friend.RequestFriend(ctx, c.User.ID); err != nil {
		return uuid.Nil, err
	}

	conversation, err := c.OpenConversation(ctx, friend.User.ID)
	return conversation.ID, err
}

// Ready returns the dependencies that the replica can't reach. It fails if a
// balancer would send nobody to it.
func (c *Client) Ready(ctx context.Context) (down []string, err error) {
	var a struct{ Down []string }
	err = c.Get(ctx, "/readyz", &a)
	return a.Down, err
}
