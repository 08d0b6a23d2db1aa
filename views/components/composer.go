package components

// KeptAs is the client id under which the server keeps the draft, "" when it keeps none: sending takes away that one.
func (d Draft) SavedClientID() string {
	if d.Saved {
		return d.ClientID
	}
	return ""
}
