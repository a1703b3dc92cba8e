package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
)

func TestGreeting(t *testing.T) {
	for request, want := range map[string]string{
		"GET /":  "200 hello\n",
		"GET /x": "404 404 page not found\n",
		"POST /": "405 Method Not Allowed\n",
	} {
		method, path, _ := strings.Cut(request, " ")
		answer := httptest.NewRecorder()
		greeter("hello").ServeHTTP(answer, httptest.NewRequest(method, path, nil))
		if diff := cmp.Diff(want, fmt.Sprint(answer.Code, " ", answer.Body)); diff != "" {
			t.Errorf("%s:\n%s", request, diff)
		}
	}
}

func TestGreetServesUntilItsListenerCloses(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- greet(listener, "hello") }()
	response, err := http.Get("http://" + listener.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if diff := cmp.Diff("hello\n", string(body)); diff != "" {
		t.Error(diff)
	}
	listener.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("it ended by %v", err)
	}
}

func TestURLs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "open-url")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- pid1.Serve(listener, takeURL) }()
	for said, want := range map[string]string{
		"https://example.org/a?b#c\n":   "open-url: noted https://example.org/a?b#c\n",
		"http://example.org/\n":         "open-url: refused: \"http://example.org/\" is no https URL\n",
		"https:///a\n":                  "open-url: refused: \"https:///a\" is no https URL\n",
		"https://example.org/\x1b[2J\n": "open-url: refused: \"https://example.org/\\x1b[2J\" is no https URL\n",
		"\n":                            "open-url: refused: \"\" is no https URL\n",
		"https://example.org/":          "open-url: refused: no line of at most 2047 bytes\n",
		"https://example.org/" + strings.Repeat("a", 2048) + "\n": "open-url: refused: no line of at most 2047 bytes\n",
	} {
		connection, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(connection, said)
		connection.(*net.UnixConn).CloseWrite()
		answer, _ := io.ReadAll(connection)
		connection.Close()
		if diff := cmp.Diff(want, string(answer)); diff != "" {
			t.Errorf("%q:\n%s", said, diff)
		}
	}
	listener.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("it ended by %v", err)
	}
}

// Outside of a room there is no Landlock: a port is refused, if at all, because nobody listens.
func TestConnectTellsRefusedFromForbidden(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	behind := network{upstream: listener.Addr().String()}
	if err := behind.connectUpstream(); err != nil {
		t.Errorf("with a listener: %v", err)
	}
	listener.Close()
	if err := behind.connectUpstream(); err != nil {
		t.Errorf("without a listener: %v", err)
	}
	if err := (&network{upstream: "nowhere"}).connectUpstream(); err == nil || err.Error() != "not an ip:port" {
		t.Errorf("with no address: %v", err)
	}
	if err := connectPort(1)(); err != unix.EINPROGRESS && err != unix.ECONNREFUSED {
		t.Errorf("to a port without a listener: %v", err)
	}
}

// An upstream that says back what it hears, one that says nothing, one that says too much, and none.
func TestUpstream(t *testing.T) {
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  string
	}{
		"echo":    {func(c net.Conn) { io.Copy(c, c) }, `ADDRESS answers "hello"`},
		"silence": {func(c net.Conn) { hear(c) }, "ADDRESS gives no answer: EOF"},
		"flood":   {func(c net.Conn) { hear(c); io.WriteString(c, strings.Repeat("a", 300)+"\n") }, "ADDRESS gives no answer: EOF"},
		"nobody":  {nil, "ADDRESS gives no answer: dial tcp4 ADDRESS: connect: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			if test.serve == nil {
				listener.Close()
			}
			go pid1.Serve(listener, test.serve)
			want := strings.ReplaceAll(test.want, "ADDRESS", listener.Addr().String())
			if diff := cmp.Diff(want, askUpstream(listener.Addr().String(), "hello")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func hear(c net.Conn) { io.ReadFull(c, make([]byte, len("hello\n"))) }
