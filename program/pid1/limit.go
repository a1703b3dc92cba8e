package pid1

import (
	"net"
	"sync"
)

// Limit gives the listener with at most so many connections open at once. Who comes then waits in the kernel,
// where it is not the room's memory that pays, until one is closed.
func Limit(listener net.Listener, most int) net.Listener {
	return limited{listener, make(chan struct{}, most)}
}

type limited struct {
	net.Listener
	places chan struct{}
}

func (l limited) Accept() (net.Conn, error) {
	l.places <- struct{}{}
	connection, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{connection, sync.OnceFunc(func() { <-l.places })}, nil
}

// placed gives its place back when it is closed, once.
type placed struct {
	net.Conn
	leave func()
}

func (p *placed) Close() error {
	defer p.leave()
	return p.Conn.Close()
}
