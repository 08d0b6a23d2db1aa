package demo

import "time"

const day = 24 * time.Hour

// Cast lists the people of the installation. Visitors sign in as the first one.
var Cast = []struct {
	Name   string
	joined time.Duration // before the end of the seed
}{
	{"Noor Haddad", 265 * day},
	{"Ida Brandt", 264 * day},
	{"Grace Okafor", 260 * day},
	{"Mei Lindqvist", 231 * day},
	{"渡辺 健二", 219 * day},
	{"Ana-Lucía Fernández de la Vega y Montoya", 210 * day},
	{"יעל בר־לב", 202 * day},
	{"Tomás Rivera", 198 * day},
	{"Omar Siddiqui", 190 * day},
	{"Ruth Abernathy", 177 * day},
	{"Piet van Dijk", 160 * day},
	{"Lena Fischer", 30 * day},
	{"Marta Kowalczyk", 190 * day},
	{"Maryam Nazari", 12 * day},
	{"Bartholomew Featherstonehaugh-Cholmondeley", 25 * day},
	{"Marisol Quintero", 88 * day},
	{"Marcus Adeyemi-Thorvaldsen", 240 * day},
	{"Piet Marlow", 155 * day},
	{"Margarethe von Hohenstein-Wittgenstein zu Sayn", 301 * day},
	{"Mark Jansen", 120 * day},
	{"Samir Haddad", 250 * day},
	{"Jürgen Schön", 140 * day},
	{"Łucja Wiśniewska", 131 * day},
	{"Aoife Ní Bhriain", 99 * day},
	{"Nguyễn Thị Minh Khai", 92 * day},
	{"Олена Шевченко", 84 * day},
	{"فاطمة الزهراء", 71 * day},
	{"Bo", 64 * day},
	{"Tobias Lund", 51 * day},
	{"Søren Østergård", 20 * day},
}

// pendingRequests are the friend requests without an answer.
var pendingRequests = []struct {
	asker, asked string
	ago          time.Duration
}{
	{"Maryam Nazari", "Noor Haddad", 20 * time.Minute},
	{"Bartholomew Featherstonehaugh-Cholmondeley", "Noor Haddad", 27 * time.Hour},
	{"Noor Haddad", "Marisol Quintero", 3 * day},
	{"Maryam Nazari", "Grace Okafor", 50 * time.Minute},
	{"Bo", "Ida Brandt", 2 * day},
	{"Søren Østergård", "Aoife Ní Bhriain", 5 * day},
	{"Lena Fischer", "Mei Lindqvist", 6 * time.Hour},
}

// otherPairs are the friendships without Noor.
var otherPairs = [][2]string{
	{"Ida Brandt", "Grace Okafor"},
	{"Ida Brandt", "Tomás Rivera"},
	{"Tomás Rivera", "Piet van Dijk"},
	{"Grace Okafor", "Mei Lindqvist"},
	{"Grace Okafor", "Ruth Abernathy"},
	{"Mei Lindqvist", "渡辺 健二"},
	{"Omar Siddiqui", "Ruth Abernathy"},
	{"Marta Kowalczyk", "Łucja Wiśniewska"},
	{"Marta Kowalczyk", "Ida Brandt"},
	{"Marcus Adeyemi-Thorvaldsen", "Grace Okafor"},
	{"Jürgen Schön", "Margarethe von Hohenstein-Wittgenstein zu Sayn"},
	{"Aoife Ní Bhriain", "Piet Marlow"},
	{"Nguyễn Thị Minh Khai", "Mei Lindqvist"},
	{"Олена Шевченко", "Łucja Wiśniewska"},
	{"فاطمة الزهراء", "Samir Haddad"},
	{"Bo", "Tobias Lund"},
	{"Tobias Lund", "Søren Østergård"},
	{"Omar Siddiqui", "Samir Haddad"},
	{"Ana-Lucía Fernández de la Vega y Montoya", "Tomás Rivera"},
	{"Mark Jansen", "Piet Marlow"},
}
