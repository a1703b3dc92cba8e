package pid1

import (
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	mostAtOnce = 16
	patience   = 5 * time.Second
	pause      = 100 * time.Millisecond
)

// Serve hands each connection to handle and closes it then, until the listener is closed. At most 16 are
// open at once and each for at most 5 seconds, so that no client uses up what the room has. When there
// is a lack of descriptors all the same, Serve waits: it is over some time, and ending a critical room
// would reset the machine.
func Serve(listener net.Listener, handle func(net.Conn)) error {
	places := make(chan struct{}, mostAtOnce)
	for {
		places <- struct{}{}
		connection, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("cannot take a connection: %w", err)
		case err != nil:
			<-places
			time.Sleep(pause)
			continue
		}
		go func() {
			defer func() { <-places }()
			defer connection.Close()
			connection.SetDeadline(time.Now().Add(patience))
			handle(connection)
		}()
	}
}
