package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"time"

	"parley/app/limit"
)

// Memory of the children of each class, in bytes. A file waits only for others of its class, so
// that costly ones don't delay ordinary ones.
const (
	smallMemory    = 16 << 20 // a picture of up to a megapixel or two
	ordinaryMemory = 64 << 20 // a baseline JPEG of up to 16 megapixels
	costlyMemory   = MaxMemory
)

const (
	maxOrdinary = 2 // of the ordinary children at once; of the others one

	// Processor time of a child. The largest photographs take a third of it.
	ordinaryTime = time.Second
	costlyTime   = 2 * time.Second

	// slotTimeout bounds the wait for a slot, and childTimeout the life of a child, which is
	// longer than its processor time on a busy machine.
	slotTimeout  = 10 * time.Second
	childTimeout = 10 * time.Second
)

// MaxTotalMemory is the memory in bytes that all children of a Decoder may have at once,
// with 24 MB for each child's program.
const MaxTotalMemory = smallMemory + maxOrdinary*ordinaryMemory + costlyMemory + (2+maxOrdinary)*(24<<20)

// ErrBusy reports that no slot was free in time. The same file may be accepted later.
var ErrBusy = errors.New("all slots for decoding are in use")

// Decoder converts files, several at once. Safe for concurrent use.
type Decoder struct {
	classes []class // by memory
}

// class is a class of files, by the memory that they need.
type class struct {
	limits childLimits
	slots  limit.Semaphore
}

// NewDecoder returns a decoder. It starts nothing.
func NewDecoder() *Decoder {
	return &Decoder{classes: []class{
		{childLimits{smallMemory, ordinaryTime}, limit.NewSemaphore(1)},
		{childLimits{ordinaryMemory, ordinaryTime}, limit.NewSemaphore(maxOrdinary)},
		{childLimits{costlyMemory, costlyTime}, limit.NewSemaphore(1)},
	}}
}

// Square returns the middle square of an image as a JPEG of Side × Side pixels, upright
// and on white. The result depends on the file alone. It ends with ctx. An error that is
// none of this package's means that the file could not be decoded for another reason.
func (d *Decoder) Square(ctx context.Context, file []byte) ([]byte, error) {
	_, memory, err := inspect(file)
	if err != nil {
		return nil, err
	}

	// inspect accepts no file above the memory of the last class.
	i := slices.IndexFunc(d.classes, func(c class) bool { return memory <= c.limits.memory })
	c := d.classes[i]
	if !c.slots.Acquire(ctx, slotTimeout) {
		return nil, errors.Join(ErrBusy, ctx.Err())
	}
	defer c.slots.Release()
	return squareInChild(ctx, file, childLimits{memory, c.limits.time})
}

// squareInChild runs this program again, as the child. The child has no environment, so
// no secrets of this process.
func squareInChild(ctx context.Context, file []byte, bounds childLimits) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, childTimeout)
	defer cancel()

	self, err := executable()
	if err != nil {
		return nil, err
	}

	var out bytes.Buffer
	cmd := exec.CommandContext(limited, self) // #nosec G204 -- this program
	cmd.Args = []string{childName, strconv.FormatInt(bounds.memory, 10), bounds.time.String()}
	cmd.Env = []string{"GOTRACEBACK=none"}
	cmd.Stdin, cmd.Stdout = bytes.NewReader(file), &out
	cmd.WaitDelay = time.Second

	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("the process that decodes pictures doesn't start: %w", err)
	}

	err = cmd.Wait()
	switch code := cmd.ProcessState.ExitCode(); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil: // the machine is too busy for it
		return nil, ErrBusy
	case code == 0 && err == nil:
		return out.Bytes(), nil
	case code >= exitRejected && code < exitRejected+len(rejections):
		return nil, rejections[code-exitRejected]
	}

	return nil, ErrTooCostly // the kernel or the Go runtime ended it at a limit
}

// executable is the path of this program. On Linux it also leads to a file that was
// replaced or removed since the start.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}
