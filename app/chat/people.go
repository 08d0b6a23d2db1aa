package chat

// PeopleStore finds people by name.
type PeopleStore interface{}
