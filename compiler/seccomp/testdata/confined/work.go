package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"
)

// work does what servers do, and hello besides.
func work() error {
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		return err
	}
	steps := []struct {
		name string
		run  func() error
	}{
		{"hello", hello}, {"children", startChildren}, {"changes", changeFiles}, {"events", watch},
		{"stream", talk}, {"datagrams", sendDatagram}, {"descriptors", passDescriptor},
		{"network", refuseNetwork},
	}
	for _, step := range steps {
		if err := step.run(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	pprof.StopCPUProfile()
	fmt.Println("work")
	return nil
}

func startChildren() error {
	for range 3 {
		command := exec.Command("/proc/self/exe", "child")
		command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
		if out, err := command.Output(); err != nil || string(out) != "child\n" {
			return fmt.Errorf("the child said %q, %w", out, err)
		}
	}
	sleeper := exec.Command("/proc/self/exe", "enter", "", "hello")
	if err := sleeper.Start(); err != nil {
		return err
	}
	if err := sleeper.Process.Kill(); err != nil {
		return err
	}
	var exit *exec.ExitError
	if err := sleeper.Wait(); !errors.As(err, &exit) {
		return fmt.Errorf("the killed child ended with %v", err)
	}
	return nil
}

func changeFiles() error {
	dir, err := os.MkdirTemp("", "work")
	if err != nil {
		return err
	}
	a, b, link := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "link")
	file, err := os.Create(a)
	if err != nil {
		return err
	}
	defer file.Close()
	_, written := file.WriteString("some text")
	err = errors.Join(
		written, file.Sync(), file.Truncate(4), file.Chmod(0o640), file.Chown(-1, os.Getgid()),
		syscall.Flock(int(file.Fd()), syscall.LOCK_EX), syscall.Fdatasync(int(file.Fd())),
		syscall.Fallocate(int(file.Fd()), 0, 0, 4096),
		os.Rename(a, b), os.Symlink("b", link), os.Link(b, a), os.Truncate(b, 1),
		os.Chtimes(b, time.Now(), time.Now()), os.Chmod(b, 0o600), os.Lchown(link, -1, os.Getgid()),
		os.Mkdir(filepath.Join(dir, "sub"), 0o700),
	)
	if target, lerr := os.Readlink(link); lerr != nil || target != "b" {
		err = errors.Join(err, fmt.Errorf("the link says %q, %w", target, lerr))
	}
	if entries, derr := os.ReadDir(dir); derr != nil || len(entries) != 4 {
		err = errors.Join(err, fmt.Errorf("%d entries, %w", len(entries), derr))
	}
	return errors.Join(err, os.RemoveAll(dir))
}

func watch() error {
	notify, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return err
	}
	events := os.NewFile(uintptr(notify), "inotify")
	defer events.Close()
	if _, err := syscall.InotifyAddWatch(notify, os.TempDir(), syscall.IN_CREATE); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(os.TempDir(), "watched"), nil, 0o600); err != nil {
		return err
	}
	_, err = events.Read(make([]byte, 4096))
	return err
}

func talk() error {
	listener, err := net.Listen("unix", filepath.Join(os.TempDir(), "stream"))
	if err != nil {
		return err
	}
	defer listener.Close()
	go func() {
		server, err := listener.Accept()
		if err == nil {
			io.Copy(server, server)
			server.Close()
		}
	}()
	client, err := net.Dial("unix", listener.Addr().String())
	if err != nil {
		return err
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := client.Write([]byte("echo")); err != nil {
		return err
	}
	if err := client.(*net.UnixConn).CloseWrite(); err != nil {
		return err
	}
	if back, err := io.ReadAll(client); err != nil || string(back) != "echo" {
		return fmt.Errorf("heard %q, %w", back, err)
	}
	return nil
}

// sendDatagram is how a service says READY=1.
func sendDatagram() error {
	address := &net.UnixAddr{Net: "unixgram", Name: filepath.Join(os.TempDir(), "datagram")}
	receiver, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		return err
	}
	defer receiver.Close()
	sender, err := net.DialUnix("unixgram", nil, address)
	if err != nil {
		return err
	}
	defer sender.Close()
	if _, err := sender.Write([]byte("READY=1")); err != nil {
		return err
	}
	_, _, err = receiver.ReadFrom(make([]byte, 64))
	return err
}

func passDescriptor() error {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := syscall.Sendmsg(pair[0], []byte{0}, syscall.UnixRights(1), nil, 0); err != nil {
		return err
	}
	_, n, _, _, err := syscall.Recvmsg(pair[1], make([]byte, 1), make([]byte, 64), 0)
	if err == nil && n == 0 {
		err = errors.New("no descriptor came")
	}
	return err
}

// refuseNetwork expects that a family outside the list is refused, not fatal.
func refuseNetwork() error {
	_, err := net.Dial("tcp", "127.0.0.1:9")
	if !errors.Is(err, syscall.EAFNOSUPPORT) {
		return fmt.Errorf("dialling TCP gave %v", err)
	}
	return nil
}
