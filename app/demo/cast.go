package demo

import "time"

const seedDay = 24 * time.Hour

// Cast is who is there, and how long ago they joined; the first is who to sign in as.
var Cast = []struct {
	Name   string
	joined time.Duration
}{
	{"Noor Haddad", 265 * seedDay}, {"Ida Brandt", 264 * seedDay}, {"Grace Okafor", 260 * seedDay}, {"Mei Lindqvist", 231 * seedDay},
	{"渡辺 健二", 219 * seedDay}, {"Ana-Lucía Fernández de la Vega y Montoya", 210 * seedDay}, {"יעל בר־לב", 202 * seedDay},
	{"Tomás Rivera", 198 * seedDay}, {"Omar Siddiqui", 190 * seedDay}, {"Ruth Abernathy", 177 * seedDay}, {"Piet van Dijk", 160 * seedDay},
	{"Lena Fischer", 30 * seedDay}, {"Marta Kowalczyk", 190 * seedDay}, {"Maryam Nazari", 12 * seedDay},
	{"Bartholomew Featherstonehaugh-Cholmondeley", 25 * seedDay}, {"Marisol Quintero", 88 * seedDay}, {"Marcus Adeyemi-Thorvaldsen", 240 * seedDay},
	{"Piet Marlow", 155 * seedDay}, {"Margarethe von Hohenstein-Wittgenstein zu Sayn", 301 * seedDay}, {"Mark Jansen", 120 * seedDay},
	{"Samir Haddad", 250 * seedDay}, {"Jürgen Schön", 140 * seedDay}, {"Łucja Wiśniewska", 131 * seedDay}, {"Aoife Ní Bhriain", 99 * seedDay},
	{"Nguyễn Thị Minh Khai", 92 * seedDay}, {"Олена Шевченко", 84 * seedDay}, {"فاطمة الزهراء", 71 * seedDay}, {"Bo", 64 * seedDay},
	{"Tobias Lund", 51 * seedDay}, {"Søren Østergård", 20 * seedDay},
}

// seedRequests wait for an answer.
var seedRequests = []struct {
	asker, asked string
	ago          time.Duration
}{
	{"Maryam Nazari", "Noor Haddad", 20 * time.Minute}, {"Bartholomew Featherstonehaugh-Cholmondeley", "Noor Haddad", 27 * time.Hour},
	{"Noor Haddad", "Marisol Quintero", 3 * seedDay}, {"Maryam Nazari", "Grace Okafor", 50 * time.Minute}, {"Bo", "Ida Brandt", 2 * seedDay},
	{"Søren Østergård", "Aoife Ní Bhriain", 5 * seedDay}, {"Lena Fischer", "Mei Lindqvist", 6 * time.Hour},
}

// seedTalk is a conversation: how many messages (the last ones as written), over how long, how long ago it ended, and how many of them each
// of the two hasn't read: a (unread) and b (unseen).
type seedTalk struct {
	a, b   string
	count  int
	over   time.Duration
	ago    time.Duration
	unread int
	unseen int
	more   string   // a second language, beside English
	ending []string // "A: …" or "B: …"
}

// seedTalks are 5,000 messages. Noor is always a.
func seedTalks() []seedTalk {
	const noor = "Noor Haddad"
	talks := []seedTalk{
		{a: noor, b: "Ida Brandt", count: 620, over: 250 * seedDay, ago: 4 * time.Minute, unseen: 1, ending: seedPiano},
		{a: noor, b: "Grace Okafor", count: 410, over: 240 * seedDay, ago: 26 * time.Minute, unread: 3, ending: []string{
			"A: Are you sure that you want to play it on the water?", "B: I’ve never been surer of anything", "B: Also, I have asked the insurance", "B: The piano is insured. I asked twice."}},
		{a: noor, b: "Mei Lindqvist", count: 330, over: 200 * seedDay, ago: 3 * time.Hour, ending: []string{
			"B: Who do I ask about the lock on Saturday?", "A: I’ll look it up and tell you"}},
		{a: noor, b: "渡辺 健二", count: 180, over: 190 * seedDay, ago: 4 * time.Hour, more: "japanese", ending: []string{"A: 明日は七時に出ます", "B: 了解です。また明日！"}},
		{a: noor, b: "Ana-Lucía Fernández de la Vega y Montoya", count: 210, over: 180 * seedDay, ago: 26 * time.Hour, more: "spanish", ending: []string{
			"B: The owner has signed. Page three, with the comma.", "A: Thank you, that settles it"}},
		{a: noor, b: "יעל בר־לב", count: 160, over: 170 * seedDay, ago: 29 * time.Hour, more: "hebrew", ending: []string{"A: נתראה?", "B: נתראה ביום שלישי"}},
		{a: noor, b: "Tomás Rivera", count: 240, over: 180 * seedDay, ago: 3 * seedDay, unseen: 1, ending: []string{
			"B: Where is the long one?", "A: The rope is in the shed, second hook"}},
		{a: noor, b: "Omar Siddiqui", count: 150, over: 160 * seedDay, ago: 4 * seedDay, ending: []string{"A: Half each, then, and nobody tells the committee", "B: Good. Then we are agreed."}},
		{a: noor, b: "Ruth Abernathy", count: 120, over: 150 * seedDay, ago: 5 * seedDay, ending: []string{"B: What are you bringing home this time?", "A: 🎹"}},
		{a: noor, b: "Piet van Dijk", count: 110, over: 140 * seedDay, ago: 12 * seedDay, ending: []string{"A: Keep it until spring", "B: I still have your ladder"}},
		{a: noor, b: "Samir Haddad", count: 190, over: 240 * seedDay, ago: 6 * seedDay, unread: 1, ending: []string{"A: Tell Mama I’ll ring on Sunday", "B: She says Sunday is a long time"}},
		{a: noor, b: "Piet Marlow", count: 60, over: 120 * seedDay, ago: 20 * seedDay},
		{a: noor, b: "Lena Fischer", ago: 21 * seedDay},
		{a: noor, b: "Jürgen Schön", count: 70, over: 100 * seedDay, ago: 33 * seedDay},
	}
	left := 5000
	for _, t := range talks {
		left -= t.count
	}
	for i, pair := range seedPairs {
		count := left / (len(seedPairs) - i)
		left -= count
		age := time.Duration(40+5*i) * seedDay
		talks = append(talks, seedTalk{a: pair[0], b: pair[1], count: count, over: age, ago: time.Duration(2+7*i) * time.Hour})
	}
	return talks
}

// seedPairs are friends of each other beside Noor's.
var seedPairs = [][2]string{
	{"Ida Brandt", "Grace Okafor"}, {"Ida Brandt", "Tomás Rivera"}, {"Tomás Rivera", "Piet van Dijk"}, {"Grace Okafor", "Mei Lindqvist"},
	{"Grace Okafor", "Ruth Abernathy"}, {"Mei Lindqvist", "渡辺 健二"}, {"Omar Siddiqui", "Ruth Abernathy"}, {"Marta Kowalczyk", "Łucja Wiśniewska"},
	{"Marta Kowalczyk", "Ida Brandt"}, {"Marcus Adeyemi-Thorvaldsen", "Grace Okafor"}, {"Jürgen Schön", "Margarethe von Hohenstein-Wittgenstein zu Sayn"},
	{"Aoife Ní Bhriain", "Piet Marlow"}, {"Nguyễn Thị Minh Khai", "Mei Lindqvist"}, {"Олена Шевченко", "Łucja Wiśniewska"},
	{"فاطمة الزهراء", "Samir Haddad"}, {"Bo", "Tobias Lund"}, {"Tobias Lund", "Søren Østergård"}, {"Omar Siddiqui", "Samir Haddad"},
	{"Ana-Lucía Fernández de la Vega y Montoya", "Tomás Rivera"}, {"Mark Jansen", "Piet Marlow"},
}
