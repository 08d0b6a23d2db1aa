package chat

// Store is all that the database (Postgres) keeps: the small ports of this package
// together. When the database is unavailable, every method returns an Unavailable
// error. A write whose commit was not confirmed also wraps ErrUnknownOutcome.
type Store interface {
	AccessStore
	MessagesStore
	PeopleStore
	AccountsStore
	FollowStore
}
