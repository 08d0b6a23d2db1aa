package chat

// Result is the outcome of a send. The values are label values of metrics.
type Result string

// Results of a send.
const (
	ResultAccepted    Result = "accepted"    // acknowledged by the log
	ResultDirect      Result = "direct"      // stored without the log
	ResultRepeated    Result = "repeated"    // a retry of a recent send
	ResultRefused     Result = "refused"     // invalid, or the sender may not write there
	ResultLimited     Result = "limited"     // rate limit exceeded
	ResultNotSent     Result = "not_sent"    // neither log nor store has it, or too many sends in flight
	ResultUnconfirmed Result = "unconfirmed" // it may appear later
	ResultUnavailable Result = "unavailable" // the membership is unknown, or the tail is full
)

// Results lists every Result.
func Results() []Result {
	return []Result{
		ResultAccepted,
		ResultDirect,
		ResultRepeated,
		ResultRefused,
		ResultLimited,
		ResultNotSent,
		ResultUnconfirmed,
		ResultUnavailable,
	}
}

func resultOf(m Message, err error) Result {
	if err == nil {
		if m.LogOffset == nil {
			return ResultDirect
		}
		return ResultAccepted
	}

	switch KindOf(err) {
	case KindTooFast:
		return ResultLimited
	case KindUnconfirmed:
		return ResultUnconfirmed
	case KindUnavailable:
		return ResultUnavailable
	case KindInvalid, KindNotFound, KindReadOnly, KindNotAllowed:
		return ResultRefused
	}

	return ResultNotSent
}
