package components

// SwitcherState is what the switcher shows. The server sends it closed; the script fills it in.
type SwitcherState struct {
	Open    bool
	Found   []Destination
	Problem string // a sentence below the results
}

// Destination is a row of the switcher.
type Destination struct {
	Path   string
	Name   string
	Hint   string // what kind of destination it is, unless its icon tells
	Icon   string
	Action string // "signout" or "keys"; "" follows Path
}

// Actions are the destinations that are the same for everybody, with the first query's order.
var Actions = []Destination{
	{"/people", "New conversation", "", "write", ""},
	{"/people", "People", "", "find", ""},
	{"/requests", "Requests", "", "request", ""},
	{"/people#invite", "Invite link", "", "find", ""},
	{"/conversations?in=archive", "Archive", "", "talk", ""},
	{"/account", "Account", "", "check", ""},
	{"", "Keys", "", "more", "keys"},
	{"", "Sign out", "", "close", "signout"},
}

// keyHelp lists the keys and what they do; docs/user.md has the same list.
var keyHelp = []struct {
	keys []string // any of them
	does string
}{
	{[]string{"Ctrl K", "⌘K"}, "Go to a conversation, a person or a page"},
	{[]string{"/"}, "Filter the conversations"},
	{[]string{"?"}, "Show these keys"},
	{[]string{"Alt ↑", "Alt ↓"}, "Open the conversation above or below"},
	{[]string{"Esc"}, "Close what is open; then go back to the list"},
	{[]string{"↑"}, "In an empty message box: your last message; then the arrows walk"},
	{[]string{"Enter"}, "Send; with Shift, begin a new line"},
	{[]string{":"}, "And letters of a name: choose an emoji"},
}
