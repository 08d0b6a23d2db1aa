package kafka

import "time"

// finishTimeout is how long an ending consumer waits for the last step of a batch, because
// brokers that are down answer a commit only when they are back.
const finishTimeout = time.Second

// finisher runs the last step of a batch, publish and commit, in a goroutine beside the
// polling. It runs one step at a time: the caller waits for the previous one. While a step
// runs, the step owns the session's committer.
type finisher struct {
	done   <-chan struct{} // closed when the last step has ended
	ending <-chan struct{} // closed when the consumer is to end
}

func newFinisher(ending <-chan struct{}) finisher {
	done := make(chan struct{})
	close(done)
	return finisher{done: done, ending: ending}
}

// start runs step. The previous step must have ended.
func (f *finisher) start(step func()) {
	done := make(chan struct{})
	f.done = done
	go func() {
		defer close(done)
		step()
	}()
}

// idle reports whether no step is running.
func (f *finisher) idle() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// wait waits for the running step. Once the consumer is to end, it waits at most finishTimeout
// and then returns false.
func (f *finisher) wait() bool {
	select {
	case <-f.done:
		return true
	case <-f.ending:
	}

	select {
	case <-f.done:
		return true
	case <-time.After(finishTimeout):
		return false
	}
}

// waitDone waits for the running step without a limit.
func (f *finisher) waitDone() { <-f.done }
