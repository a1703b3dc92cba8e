package supervise

import (
	"os"
	"testing"

	"github.com/anchor-os/anchor/policy/abi"
	"golang.org/x/sys/unix"
)

// Of two requests the last counts, up to the end: if no room lives any more when it
// comes, it is taken before the machine ends.
func TestRequestBehindARequestCounts(t *testing.T) {
	s := &supervisor{asked: make(chan os.Signal, queue), rooms: []*room{{state: ended}}}
	s.stopping = requests[unix.SIGINT]
	s.asked <- unix.Signal(38)
	if err := s.advance(); err != nil {
		t.Fatalf("it has ended before the last request was taken: %v", err)
	}
	s.stopping = requests[<-s.asked]
	if err := s.advance(); err != Asked(abi.PowerOff) {
		t.Errorf("%v, want %v", err, Asked(abi.PowerOff))
	}
}
