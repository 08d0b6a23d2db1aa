package demo

import "time"

// totalMessages is the number of messages in all conversations.
const totalMessages = 5000

// script describes a conversation of a and b: its ending as written, before it
// exchanges that are chosen at random, and how far the two have read.
type script struct {
	a, b     string
	count    int           // messages
	span     time.Duration // from the first message to the last
	ago      time.Duration // the last message, before the end of the seed
	unread   int           // by a
	unseen   int           // unread by b
	language string        // of some of the exchanges; "": all are in English
	ending   []string      // "A: …" or "B: …"
}

// scripts returns the conversations. In those of Noor, a is Noor.
func scripts() []script {
	list := noorsScripts()

	left := totalMessages
	for _, s := range list {
		left -= s.count
	}

	// The other pairs share the remaining messages equally.
	for i, pair := range otherPairs {
		count := left / (len(otherPairs) - i)
		left -= count
		list = append(list, script{
			a:     pair[0],
			b:     pair[1],
			count: count,
			span:  time.Duration(40+5*i) * day,
			ago:   time.Duration(2+7*i) * time.Hour,
		})
	}

	return list
}

func noorsScripts() []script {
	const noor = "Noor Haddad"
	return []script{
		{
			a: noor, b: "Ida Brandt", count: 620, span: 250 * day, ago: 4 * time.Minute, unseen: 1,
			ending: pianoConversation(),
		},
		{
			a: noor, b: "Grace Okafor", count: 410, span: 240 * day, ago: 26 * time.Minute, unread: 3,
			ending: []string{
				"A: Are you sure that you want to play it on the water?",
				"B: I’ve never been surer of anything",
				"B: Also, I have asked the insurance",
				"B: The piano is insured. I asked twice.",
			},
		},
		{
			a: noor, b: "Mei Lindqvist", count: 330, span: 200 * day, ago: 3 * time.Hour,
			ending: []string{
				"B: Who do I ask about the lock on Saturday?",
				"A: I’ll look it up and tell you",
			},
		},
		{
			a: noor, b: "渡辺 健二", count: 180, span: 190 * day, ago: 4 * time.Hour, language: "japanese",
			ending: []string{
				"A: 明日は七時に出ます",
				"B: 了解です。また明日！",
			},
		},
		{
			a: noor, b: "Ana-Lucía Fernández de la Vega y Montoya",
			count: 210, span: 180 * day, ago: 26 * time.Hour, language: "spanish",
			ending: []string{
				"B: The owner has signed. Page three, with the comma.",
				"A: Thank you, that settles it",
			},
		},
		{
			a: noor, b: "יעל בר־לב", count: 160, span: 170 * day, ago: 29 * time.Hour, language: "hebrew",
			ending: []string{
				"A: נתראה?",
				"B: נתראה ביום שלישי",
			},
		},
		{
			a: noor, b: "Tomás Rivera", count: 240, span: 180 * day, ago: 3 * day, unseen: 1,
			ending: []string{
				"B: Where is the long one?",
				"A: The rope is in the shed, second hook",
			},
		},
		{
			a: noor, b: "Omar Siddiqui", count: 150, span: 160 * day, ago: 4 * day,
			ending: []string{
				"A: Half each, then, and nobody tells the committee",
				"B: Good. Then we are agreed.",
			},
		},
		{
			a: noor, b: "Ruth Abernathy", count: 120, span: 150 * day, ago: 5 * day,
			ending: []string{
				"B: What are you bringing home this time?",
				"A: 🎹",
			},
		},
		{
			a: noor, b: "Piet van Dijk", count: 110, span: 140 * day, ago: 12 * day,
			ending: []string{
				"A: Keep it until spring",
				"B: I still have your ladder",
			},
		},
		{
			a: noor, b: "Samir Haddad", count: 190, span: 240 * day, ago: 6 * day, unread: 1,
			ending: []string{
				"A: Tell Mama I’ll ring on Sunday",
				"B: She says Sunday is a long time",
			},
		},
		{a: noor, b: "Piet Marlow", count: 60, span: 120 * day, ago: 20 * day},
		{a: noor, b: "Lena Fischer", ago: 21 * day},
		{a: noor, b: "Jürgen Schön", count: 70, span: 100 * day, ago: 33 * day},
	}
}
