package pid1

import (
	"errors"
	"io"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// playedListener gives what a test wrote down, then says that it is closed.
type playedListener struct {
	net.Listener
	accepts []any // net.Conn or error
}

func (l *playedListener) Accept() (net.Conn, error) {
	if len(l.accepts) == 0 {
		return nil, net.ErrClosed
	}
	next := l.accepts[0]
	l.accepts = l.accepts[1:]
	if connection, ok := next.(net.Conn); ok {
		return connection, nil
	}
	return nil, next.(error)
}

func TestServeGoesOnAfterALackOfDescriptors(t *testing.T) {
	client, server := net.Pipe()
	listener := &playedListener{accepts: []any{unix.EMFILE, unix.ENFILE, server}}
	err := Serve(listener, func(connection net.Conn) { io.WriteString(connection, "served") })
	if !errors.Is(err, net.ErrClosed) || err.Error() != "cannot take a connection: use of closed network connection" {
		t.Errorf("it ended by %v", err)
	}
	said, err := io.ReadAll(client)
	if string(said) != "served" || err != nil {
		t.Errorf("the client got %q, %v", said, err)
	}
}

// The listener would give one more than may be open at once: it is asked for it only when one was closed.
func TestServeHasAFewOpenAtOnce(t *testing.T) {
	release, opened := make(chan struct{}), make(chan struct{}, mostAtOnce+1)
	var accepts []any
	for range mostAtOnce + 1 {
		client, server := net.Pipe()
		defer client.Close()
		accepts = append(accepts, server)
	}
	listener := &playedListener{accepts: accepts}
	ended := make(chan error)
	go func() {
		ended <- Serve(listener, func(net.Conn) {
			opened <- struct{}{}
			<-release
		})
	}()
	for range mostAtOnce {
		<-opened
	}
	if len(listener.accepts) != 1 {
		t.Errorf("%d connections wait, expected 1", len(listener.accepts))
	}
	close(release)
	<-opened
	<-ended
}
