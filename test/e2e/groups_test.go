package e2e

import (
	"testing"

	"parley/test/browser"
	"parley/test/wait"
)

// TestGroup: three people on two replicas, one without scripts: a group is created by its form, its
// members chat live, and who is removed sees at once that they can't write.
func TestGroup(t *testing.T) {
	t.Parallel()
	site := sharedSite(t)
	ada, bob, cyd := newPerson(t, "Ada", site.one), newPerson(t, "Bob", site.two), newPerson(t, "Cyd", site.two)
	for _, p := range []*browser.Person{ada, bob, cyd} {
		p.SignsIn()
	}
	ada.Befriends(bob)
	ada.Befriends(cyd)
	cyd.TurnsScriptsOff()

	ada.UsesPhone()
	ada.Opens("/groups/new")
	ada.Runs(`document.querySelectorAll("input[name=member]").forEach(box => { box.checked = true }), true`)
	ada.Fills("#group-name", "Choir")
	ada.Clicks(`//button[normalize-space()="Create group"]`, ada.Showing("ol.group"))
	ada.Reads("3 members")
	group := ada.Path()
	bob.Opens(group)
	bob.IsLive()
	ada.IsLive()
	ada.Sends("Seven at the mooring")
	bob.Sees("Seven at the mooring")
	bob.Sends("I will be there")
	ada.Sees("I will be there")
	cyd.Opens(group)
	cyd.Reads("I will be there")
	cyd.Reads("created the group")

	// What was live is what a reload shows.
	before := ada.Messages()
	ada.SeesAllStored()
	ada.Reloads()
	if after := ada.Messages(); len(after) != len(before) {
		t.Errorf("live %q, reloaded %q", before, after)
	}
	if width := ada.Width(); width > browser.PhoneWidth {
		t.Errorf("the group is %v px wide", width)
	}
	ada.Opens(group + "/details")
	if width := ada.Width(); width > browser.PhoneWidth {
		t.Errorf("its details are %v px wide", width)
	}

	ada.Runs(`[...document.querySelectorAll("li.person")].find(row => row.textContent.includes("Bob"))
		.querySelector("form[action$='/remove']").requestSubmit(), true`)
	wait.Until(t, "Bob can only read", bob.Showing("#closed"))
	bob.Reads("removed Bob")
	cyd.Opens(group + "/details")
	cyd.Clicks(`//summary[normalize-space()="Leave this group"]`, cyd.Showing(`details[open] form[action$="/leave"]`))
	cyd.Clicks(`//button[normalize-space()="Leave group"]`, cyd.Showing("#closed"))
	cyd.Reads("You can read, but not write.")
}
