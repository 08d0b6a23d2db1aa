package components

import "parley/app/chat"

// The User-Agent headers of two browsers.
const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/19.1 Mobile/15E148 Safari/604.1"
)

func settingsExamples() []Example {
	return []Example{
		{"SettingsSection", "a section", SettingsSection(
			"sample",
			"Appearance",
			"Kept with your account, on every device.",
			SectionStatus("sample", SaveResult{Section: "sample"}),
		)},
		{"SectionStatus", "refused", SectionStatus("zone", SaveResult{
			Section: "zone",
			Problem: "There is no such time zone.",
		})},
		{"SaveStatus", "", SaveStatus("Saved", true)},
		{"AutoSaveForm", "", AutoSaveForm("appearance", "card pad")},
		{"ThemeChoice", "chosen", ThemeChoice("dark", "Dark", "dark")},
		{"ThemeChoice", "as the device", ThemeChoice("system", "As my device", "dark")},
	}
}

func switchExamples() []Example {
	return []Example{
		{"SharingSwitch", "on", SharingSwitch(
			"share_read",
			"Tell others when I have read",
			"Without it, rings stop at Delivered.",
			true,
		)},
		{"SharingSwitch", "off", SharingSwitch(
			"share_typing",
			"Show when I am writing",
			"Nothing of the text is sent before you send it.",
			false,
		)},
		{"Session", "this one", Session(SessionRow{
			Session:  chat.Session{ID: sampleID(81), Device: firefox},
			Current:  true,
			LastUsed: "now",
			Since:    "23 November 2026, 14:02",
		})},
		{"Session", "another", Session(SessionRow{
			Session:  chat.Session{ID: sampleID(82), Device: iPhone},
			LastUsed: "20 minutes ago",
			Since:    "21 November 2026, 9:40",
		})},
	}
}

func switcherExamples() []Example {
	found := []Destination{
		{"/conversations/1", "Ida Brandt", "", "talk", ""},
		{"/people/2", "Idris Okafor, who has a long name that does not fit into any row", "Friend", "find", ""},
		{"/people/3", "עידית ברק", "Person", "find", ""},
	}

	return []Example{
		{"Switcher", "found", Switcher(SwitcherState{Open: true, Found: found})},
		{"Switcher", "nothing found", Switcher(SwitcherState{Open: true, Problem: "Nothing is called “lock keeper”."})},
		{"Switcher", "out of reach", Switcher(SwitcherState{Open: true, Found: Actions[:2],
			Problem: "Only what is known here was searched: Parley can’t be reached just now."})},
		{"KeyHelp", "", KeyHelp(true)},
		{"SwitcherDialogs", "hidden, for the script", SwitcherDialogs()},
	}
}
