package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// patches tries what each patch takes away, and before that the like of it that has to work.
var patches = []probe{
	{"an OOM kill in a control group", kill},
	{"/proc/self/stack", stack},
	{"AF_UNIX send", func() string { return outcome(sendUnix(0)) }},
	{"AF_UNIX send out of band", func() string { return outcome(sendUnix(unix.MSG_OOB)) }},
	{"fast open", func() string { return outcome(fastOpen(false)) }},
	{"fast open where Landlock denies to connect", func() string { return outcome(fastOpen(true)) }},
	{"mount cgroup2", func() string { return outcome(tryMount("cgroup2")) }},
	{"mount cgroup", func() string { return outcome(tryMount("cgroup")) }},
}

// kill makes the kernel print what it prints of a process that was killed for its memory.
func kill() string {
	const group = "/sys/fs/cgroup/eater"
	err := os.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", []byte("+memory"), 0)
	if err == nil {
		err = os.Mkdir(group, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(group, "memory.max"), []byte("16M"), 0)
	}
	if err != nil {
		return outcome(err)
	}
	directory, err := os.Open(group)
	if err != nil {
		return outcome(err)
	}
	defer directory.Close()
	eater := exec.Command("/bin/bay0", "eat")
	eater.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(directory.Fd())}
	err = eater.Run()
	if end := new(exec.ExitError); errors.As(err, &end) {
		return end.String()
	}
	return outcome(err)
}

// eat uses memory until it is killed.
func eat() {
	for eaten := [][]byte{}; ; {
		page := make([]byte, 1<<20)
		for i := range page {
			page[i] = 1
		}
		eaten = append(eaten, page)
	}
}

// stack is the form of the return addresses on this process's own stack in the kernel.
func stack() string {
	text, err := os.ReadFile("/proc/self/stack")
	if err != nil {
		return outcome(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return regexp.MustCompile(`[0-9a-f]`).ReplaceAllString(strings.TrimPrefix(first, "[<0>] "), "x")
}

func sendUnix(flags int) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	return unix.Sendto(pair[0], []byte("x"), flags, nil)
}

// fastOpen connects by sending, which carries what is sent even where the peer knows no fast open.
func fastOpen(confined bool) error {
	if err := linkUp("lo"); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/tcp_fastopen", []byte("1"), 0); err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	to := &unix.SockaddrInet4{Port: listener.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: a thread that Landlock confines ends with its goroutine
		if confined {
			if err := denyConnect(to); err != nil {
				result <- err
				return
			}
		}
		s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err == nil {
			defer unix.Close(s)
			err = unix.Sendto(s, []byte("hello"), unix.MSG_FASTOPEN, to)
		}
		result <- err
	}()
	if err := <-result; err != nil {
		return err
	}
	peer, err := listener.Accept()
	if err != nil {
		return err
	}
	defer peer.Close()
	_, err = io.ReadFull(peer, make([]byte, 5))
	return err
}

// denyConnect confines this thread to connect to no TCP port, and sees that connect(2) obeys.
func denyConnect(to unix.Sockaddr) error {
	rules := unix.LandlockRulesetAttr{Access_net: unix.LANDLOCK_ACCESS_NET_CONNECT_TCP}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), unsafe.Sizeof(rules), 0)
	if errno != 0 {
		return fmt.Errorf("cannot create a ruleset: %w", errno)
	}
	defer unix.Close(int(fd))
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return fmt.Errorf("cannot restrict this thread: %w", errno)
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	if err := unix.Connect(s, to); err != unix.EACCES {
		return fmt.Errorf("connect: %s", outcome(err))
	}
	return nil
}

func linkUp(name string) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, request)
}

// tryMount mounts a file system beside what is there, and takes it away again.
func tryMount(kind string) error {
	if err := unix.Mount(kind, "/run", kind, 0, ""); err != nil {
		return err
	}
	return unix.Unmount("/run", 0)
}
