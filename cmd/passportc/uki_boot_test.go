package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// consoleOf makes lines of the kernel's log that came 1.5 s after QEMU's start, a tenth of a second apart.
func consoleOf(texts ...string) (lines []vm.Line) {
	for i, text := range texts {
		stamp := time.Duration(i+5) * 100 * time.Millisecond
		lines = append(lines, vm.Line{After: 1500*time.Millisecond + stamp, Text: fmt.Sprintf("[%12.6f] %s", stamp.Seconds(), text)})
	}
	return lines
}

// The table is compared with testdata/boot-table.txt, which -update writes anew.
func TestShowRooms(t *testing.T) {
	var got bytes.Buffer
	showRooms(&got, consoleOf(
		"bay0: policy sha256:12 version 1, rooms 5",
		"bay0: room reader: ready in 41 ms",
		"vault-access: report: 8 grants used, 31 neighbours denied, 0 wrong",
		"bay0: room vault-access: ready in 1204 ms",
		"web: deny   tcp                  connect 80                       WRONG: it went through, expected EACCES",
		"web: report: 21 grants used, 96 neighbours denied, 1 wrong",
		"bay0: room web: failed: it ended with status 1",
		"bay0: room work: it was killed by SIGKILL; restart 2 in 200ms",
		"bay0: room once: ready in 5 ms",
		"bay0: room once: it ended with status 0",
		"bay0: room reader: memory 712 KiB",
		"bay0: room vault-access: memory 4410 KiB",
		"bay0: verdict: 3 of 5 rooms ready, 1.60 s after the kernel's start",
	))
	golden := filepath.Join("testdata", "boot-table.txt")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestOutcomeOfABoot(t *testing.T) {
	verdict := "bay0: verdict: 1 of 1 rooms ready, 1.60 s after the kernel's start"
	tests := []struct {
		name   string
		result vm.Result
		err    error
		want   string
	}{
		{"all rooms are ready", vm.Result{Lines: consoleOf(verdict), Ending: vm.Matched}, nil, ""},
		{"and Ctrl-C ends the machine", vm.Result{Lines: consoleOf(verdict)}, context.Canceled, ""},
		{"one is not", vm.Result{Lines: consoleOf("bay0: verdict: 1 of 2 rooms ready, x"), Ending: vm.Matched}, nil, "cannot bring all rooms up: 1 of 2"},
		{"one is not, and Ctrl-C ends the machine", vm.Result{Lines: consoleOf("bay0: verdict: 1 of 2 rooms ready, x")}, context.Canceled, "cannot bring all rooms up: 1 of 2"},
		{"Ctrl-C before the verdict", vm.Result{}, context.Canceled, "cannot wait for the verdict: interrupted"},
		{"Bay0 refuses", vm.Result{Lines: consoleOf("bay0: refused: cannot x; reset"), Ending: vm.Reset, After: time.Second}, nil,
			"cannot keep the machine up: it ended by reset after 1.0 s (hint: Bay0 said: refused: cannot x; reset)"},
		{"no verdict in time", vm.Result{Ending: vm.Timeout, After: time.Minute}, nil, "cannot keep the machine up: it ended by timeout after 60.0 s"},
		{"it ends after the verdict", vm.Result{Lines: consoleOf(verdict), Ending: vm.Watchdog, After: time.Minute}, nil, "cannot keep the machine up: it ended by watchdog reset after 60.0 s"},
		{"QEMU fails", vm.Result{}, errors.New("cannot start QEMU"), "cannot start QEMU"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, words(outcome(test.result, test.err))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// words is an error with its hint.
func words(err error) string {
	if err == nil {
		return ""
	}
	var usage *usageError
	if errors.As(err, &usage) {
		err = usage.error
	}
	var hint *hinted
	if errors.As(err, &hint) {
		return fmt.Sprintf("%v (hint: %s)", err, hint.hint)
	}
	return err.Error()
}

func TestQuietBootShowsOnlyBay0(t *testing.T) {
	var shown bytes.Buffer
	for _, line := range consoleOf("bay0: a", "web: bay0: b", "softdog: c") {
		fmt.Fprintln(bay0Only{&shown}, line.Text)
	}
	if diff := cmp.Diff("[    0.500000] bay0: a\n", shown.String()); diff != "" {
		t.Error(diff)
	}
}

func TestNetworkOfABoot(t *testing.T) {
	tests := []struct {
		name             string
		forwards, echoes []string
		said, fault      string
	}{
		{"nothing", nil, nil, "", ""},
		{"two ports", []string{"8081:8080", "2222:22"}, nil, "127.0.0.1:8081 leads to port 8080 of the machine\n127.0.0.1:2222 leads to port 22 of the machine\n", ""},
		{"an echo", nil, []string{"10.0.2.100:443"}, "", ""},
		{"one port", []string{"8080"}, nil, "", `--forward cannot be "8080" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"no port of the machine", []string{"8080:0"}, nil, "", `--forward cannot be "8080:0" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"a port beyond all ports", []string{"8080:65536"}, nil, "", `--forward cannot be "8080:65536" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"three ports", []string{"1:2:3"}, nil, "", `--forward cannot be "1:2:3" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"an address without a port", nil, []string{"10.0.2.100"}, "", `--echo cannot be "10.0.2.100" (hint: want ADDRESS:PORT, such as 10.0.2.100:443)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var said bytes.Buffer
			o := bootOptions{forwards: test.forwards, echoes: test.echoes}
			release, err := o.network(&said)
			if err == nil {
				release()
			}
			if diff := cmp.Diff(test.said, said.String()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.fault, words(err)); diff != "" {
				t.Error(diff)
			}
			if err == nil && (len(o.machine.Forward) != len(test.forwards) || len(o.machine.Echo) != len(test.echoes)) {
				t.Errorf("the machine gets %v and %v", o.machine.Forward, o.machine.Echo)
			}
		})
	}
}

func TestForwardFromAnyPort(t *testing.T) {
	var said bytes.Buffer
	o := bootOptions{forwards: []string{"0:8080"}}
	release, err := o.network(&said)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	want := fmt.Sprintf("127.0.0.1:%d leads to port 8080 of the machine\n", o.machine.Forward[0].Host)
	if diff := cmp.Diff(want, said.String()); diff != "" || o.machine.Forward[0].Host == 0 {
		t.Error(diff)
	}
}

func TestPartitionsOfAPolicy(t *testing.T) {
	p, faults, err := compiler.Compile(os.DirFS("../../rooms"), "rooms", compiler.Target{Arch: policy.AArch64})
	if err != nil || faults.HasErrors() {
		t.Fatal(err, faults)
	}
	volume := func(label string, attributes uint64) policy.Mount {
		return policy.Mount{Target: "/x-" + label, Type: "ext4", Attributes: attributes | policy.MountNoSUID | policy.MountNoDev | policy.MountNoExec, Partition: label}
	}
	room := p.Rooms[0]
	p.Rooms = nil
	for i, volumes := range [][]policy.Mount{
		{volume("films", policy.MountReadOnly), volume("pictures", 0)},
		{volume("films", 0)},
		{volume("films", 0), volume("letters", policy.MountReadOnly)},
	} {
		r := room
		r.Name, r.UID, r.GID = strings.Repeat("a", i+1), uint32(10001+i), uint32(10001+i)
		r.Mounts, r.After, r.Sockets, r.Groups = volumes, nil, nil, nil
		r.Landlock.Paths = nil
		p.Rooms = append(p.Rooms, r)
	}
	bytes, err := encode.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	v, err := blob.Decode(bytes)
	if err != nil {
		t.Fatal(err)
	}
	want := []vm.Partition{
		{Label: "films", Size: 64 << 20, Owner: 10002},
		{Label: "letters", Size: 64 << 20, Owner: 10003},
		{Label: "pictures", Size: 64 << 20, Owner: 10001},
	}
	if diff := cmp.Diff(want, partitionsOf(v)); diff != "" {
		t.Error(diff)
	}
}
