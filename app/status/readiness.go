package status

import "errors"

// ErrSchema is why a replica is not ready while the database answers and lacks
// migrations of the program.
var ErrSchema = errors.New("the schema is older than this program")
