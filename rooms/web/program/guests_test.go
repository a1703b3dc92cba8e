package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// guestHouse is a listener for pipes. It counts the guests that are in, and what each of them was let say.
type guestHouse struct {
	net.Listener
	arriving chan net.Conn
	in, most atomic.Int32
	heard    atomic.Int64 // the most of one
}

type guest struct {
	net.Conn
	house *guestHouse
	said  int64
	gone  sync.Once
}

func (h *guestHouse) Accept() (net.Conn, error) {
	connection, open := <-h.arriving
	if !open {
		return nil, net.ErrClosed
	}
	h.most.Store(max(h.most.Load(), h.in.Add(1))) // by one goroutine alone
	return &guest{Conn: connection, house: h}, nil
}

func (h *guestHouse) Close() error   { return nil }
func (h *guestHouse) Addr() net.Addr { return &net.TCPAddr{} }

func (g *guest) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	g.said += int64(n)
	for most := g.house.heard.Load(); g.said > most && !g.house.heard.CompareAndSwap(most, g.said); most = g.house.heard.Load() {
	}
	return n, err
}

func (g *guest) Close() error {
	g.gone.Do(func() { g.house.in.Add(-1) })
	return g.Conn.Close()
}

// Whatever many guests say, and whether they say anything, web lets in a few at once, hears a little of each,
// and answers who comes after them.
func TestGuestsTakeNoMoreThanTheirShare(t *testing.T) {
	endless := "GET / HTTP/1.1\r\nHost: web\r\nX: " + strings.Repeat("a", 1<<20)
	for name, says := range map[string]string{"headers without end": endless, "nothing": "", "half a request": "GET / HTTP/1.1\r\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				house := &guestHouse{arriving: make(chan net.Conn)}
				ended := make(chan error)
				go func() { ended <- greet(house, "hello") }()
				for range 3 * mostGuests {
					inside, outside := net.Pipe()
					go func() { io.WriteString(outside, says) }()
					go func() { io.Copy(io.Discard, outside) }()
					house.arriving <- inside
				}
				if got, want := ask(t, house), "200 OK hello\n"; got != want {
					t.Errorf("answered %q, want %q", got, want)
				}
				if most, heard := house.most.Load(), house.heard.Load(); most > mostGuests || heard > 2*mostHeaders+1 {
					t.Errorf("%d guests were in at once, and one was heard for %d bytes", most, heard)
				}
				close(house.arriving)
				if err := <-ended; !errors.Is(err, net.ErrClosed) {
					t.Errorf("it ended by %v", err)
				}
			})
		})
	}
}

func ask(t *testing.T, house *guestHouse) string {
	inside, outside := net.Pipe()
	defer outside.Close()
	house.arriving <- inside
	go io.WriteString(outside, "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(outside), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return fmt.Sprint(answer.Status, " ", string(body))
}
