package pid1

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"
)

// A place is taken by a connection alone, not by an error, and given back once, however often it is closed.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipe := func() net.Conn { c, _ := net.Pipe(); return c }
		played := &playedListener{accepts: []any{unix.EMFILE, pipe(), unix.EMFILE, pipe(), pipe(), pipe()}}
		listener := Limit(played, 2)
		accepted := make(chan net.Conn, len(played.accepts))
		ended := make(chan error)
		go func() {
			for {
				connection, err := listener.Accept()
				switch {
				case err == nil:
					accepted <- connection
				case err != unix.EMFILE:
					ended <- err
					return
				}
			}
		}()
		for _, want := range []int{2, 1, 1} {
			synctest.Wait()
			if len(accepted) != want {
				t.Errorf("%d were accepted, want %d", len(accepted), want)
			}
			leaving := <-accepted
			for len(accepted) > 0 {
				<-accepted // it stays
			}
			leaving.Close()
			leaving.Close()
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("it ended by %v", err)
		}
	})
}
