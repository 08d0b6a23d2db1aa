package components

// KeptAs is the client id under which the server keeps the draft, "" when it keeps none: sending takes away that one.
func (d Draft) KeptAs() string {
	if d.Kept {
		return d.ClientID
	}
	return ""
}
