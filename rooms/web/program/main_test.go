package main

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

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
	waitForEnd(signals)
	if _, err := unix.Wait4(orphan.Process.Pid, nil, 0, nil); err != unix.ECHILD {
		t.Errorf("waiting for the orphan again: %v, expected %v", err, unix.ECHILD)
	}
}

func TestForkEndsWhatItMade(t *testing.T) {
	if err := fork(3); err != nil {
		t.Fatal(err)
	}
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("a child is left: %d, %v", pid, err)
	}
}
