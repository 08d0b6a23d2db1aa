package web

// earlyRoutes returns the rows with a decision that is made before Fiber routes
// the request: a larger body, or load shedding.
func earlyRoutes(table []route) (early []*route) {
	for i, r := range table {
		if r.MaxBody > formBody || r.LoadShedding {
			early = append(early, &table[i])
		}
	}
	return early
}

// earlyRoute returns the row of earlyRoutes for a request, or nil. It runs for
// every request, also for the rejected ones of an overload, so it compares bytes
// and allocates nothing. Unlike Fiber it matches case and trailing slashes exactly:
// other spellings have the default limits.
func (s *Server) earlyRoute(method, path []byte) *route {
	for _, r := range s.early {
		if string(method) == r.Method && matches(r.Path, path) {
			return r
		}
	}
	return nil
}

// matches reports whether path fits a pattern without *: each :name stands for one
// segment that is not empty.
func matches(pattern string, path []byte) bool {
	i, j := 0, 0
	for i < len(pattern) {
		if pattern[i] != ':' {
			if j == len(path) || path[j] != pattern[i] {
				return false
			}
			i, j = i+1, j+1
			continue
		}

		start := j
		for j < len(path) && path[j] != '/' {
			j++
		}
		if j == start {
			return false
		}
		for i < len(pattern) && pattern[i] != '/' {
			i++
		}
	}

	return j == len(path)
}
