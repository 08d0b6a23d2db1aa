package status

// TableInfo is a table of the database.
type TableInfo struct {
	Name      string
	Rows      int64
	Estimated bool // Rows is the planner's estimate: the table is too large to count
	Bytes     int64
}

// TableColumn is a column of a table. The values of a hidden column are never read.
type TableColumn struct {
	Name   string
	Type   string
	Hidden bool
}

// TablePage is a page of a table's rows, in the order of its key.
type TablePage struct {
	TableInfo
	Columns []TableColumn
	Shown   []string // the column names of Rows
	Rows    [][]string
	Next    string // cursor of the next page; "": this is the last one
}
