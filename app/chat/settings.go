package chat

// SettingsStore keeps what people have chosen.
type SettingsStore interface{}

// Settings are what a person has chosen. What one hides from others is hidden from oneself too.
type Settings struct {
	Theme         string `json:"theme"`     // "system", "light" or "dark"
	TimeZone      string `json:"time_zone"` // an IANA name; "": not known, UTC
	ShareRead     bool   `json:"share_read"`
	SharePresence bool   `json:"share_presence"`
	ShareTyping   bool   `json:"share_typing"`
}

// DefaultSettings are a new account's.
func DefaultSettings() Settings {
	return Settings{Theme: "system", ShareRead: true, SharePresence: true, ShareTyping: true}
}
