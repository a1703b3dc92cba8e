package pid1

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestMain is also the program that a test starts with sockets from descriptor 3 on: it takes the one that
// is named and says a word on it, or why it could not.
func TestMain(m *testing.M) {
	wanted, isChild := os.LookupEnv("PID1_TEST_SOCKET")
	if !isChild {
		os.Exit(m.Run())
	}
	if os.Getenv("LISTEN_PID") == "self" {
		os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	}
	listener, err := Listener(wanted)
	if err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
	connection, err := listener.Accept()
	if err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
	fmt.Fprint(connection, wanted)
	connection.Close()
}

// listening is a unix socket as the file that a child inherits.
func listening(t *testing.T, path string) *os.File {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	file, err := listener.(*net.UnixListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func provider(environment ...string) *exec.Cmd {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), environment...)
	return child
}

func TestListenerIsTheNamedOne(t *testing.T) {
	second := filepath.Join(t.TempDir(), "second")
	child := provider("PID1_TEST_SOCKET=second", "LISTEN_PID=self", "LISTEN_FDS=2", "LISTEN_FDNAMES=first:second")
	child.ExtraFiles = []*os.File{listening(t, filepath.Join(t.TempDir(), "first")), listening(t, second)}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("unix", second)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	var said [16]byte
	n, _ := connection.Read(said[:])
	if diff := cmp.Diff("second", string(said[:n])); diff != "" {
		t.Error(diff)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}

func TestListenerRefuses(t *testing.T) {
	for name, c := range map[string]struct{ environment, want string }{
		"no sockets": {"LISTEN_PID= LISTEN_FDS= LISTEN_FDNAMES=",
			`cannot take socket x: LISTEN_PID is ""`},
		"sockets for another process": {"LISTEN_PID=1 LISTEN_FDS=1 LISTEN_FDNAMES=x",
			`cannot take socket x: LISTEN_PID is "1"`},
		"no socket of that name": {"LISTEN_PID=self LISTEN_FDS=1 LISTEN_FDNAMES=y",
			`cannot take socket x: LISTEN_FDS is "1", LISTEN_FDNAMES "y"`},
		"more names than sockets": {"LISTEN_PID=self LISTEN_FDS=1 LISTEN_FDNAMES=y:x",
			`cannot take socket x: LISTEN_FDS is "1", LISTEN_FDNAMES "y:x"`},
		"no number of sockets": {"LISTEN_PID=self LISTEN_FDS= LISTEN_FDNAMES=x",
			`cannot take socket x: LISTEN_FDS is "", LISTEN_FDNAMES "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := provider(append(strings.Fields(c.environment), "PID1_TEST_SOCKET=x")...).Output()
			if err == nil {
				t.Error("it took the socket")
			}
			if diff := cmp.Diff(c.want, string(said)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestListenerIsASocket(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	child := provider("PID1_TEST_SOCKET=x", "LISTEN_PID=self", "LISTEN_FDS=1", "LISTEN_FDNAMES=x")
	child.ExtraFiles = []*os.File{file}
	said, _ := child.Output()
	if diff := cmp.Diff("cannot take socket x: file file+net x: getsockopt: socket operation on non-socket", string(said)); diff != "" {
		t.Error(diff)
	}
}

func TestPeerUserIsTheKernelsWord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if user, err := PeerUser(server); err != nil || int(user) != os.Getuid() {
		t.Errorf("user %d, %v; expected %d", user, err, os.Getuid())
	}
	ends, _ := net.Pipe()
	if _, err := PeerUser(ends); err == nil || err.Error() != "cannot tell the user at the other end of *net.pipe" {
		t.Errorf("of a pipe: %v", err)
	}
}

func TestNotify(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if err := Notify("READY=1"); err == nil || err.Error() != "NOTIFY_SOCKET is not set" {
		t.Errorf("without a socket: %v", err)
	}
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	if err := Notify("READY=1"); err != nil {
		t.Fatal(err)
	}
	var heard [64]byte
	n, _ := socket.Read(heard[:])
	if diff := cmp.Diff("READY=1", string(heard[:n])); diff != "" {
		t.Error(diff)
	}
}

func TestWaitForEndReapsUntilSIGTERM(t *testing.T) {
	orphan := exec.Command("true")
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, orphan.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	signals := make(chan os.Signal, 2)
	signals <- unix.SIGCHLD
	signals <- unix.SIGTERM
	WaitForEnd(signals)
	if _, err := unix.Wait4(orphan.Process.Pid, nil, 0, nil); err != unix.ECHILD {
		t.Errorf("waiting for the orphan again: %v, expected %v", err, unix.ECHILD)
	}
}
