package chat

// PresenceStore keeps when people were last here.
type PresenceStore interface{}

// Presence is whether a friend has a stream open somewhere.
type Presence string

const (
	Online          Presence = "online"
	Offline         Presence = "offline"
	PresenceUnknown Presence = "unknown" // we can't tell just now
)
