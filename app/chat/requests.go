package chat

// RequestStore keeps who asked whom to be friends.
type RequestStore interface{}
