package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
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
	showRooms(&got, []string{"late", "once", "reader", "vault-access", "web", "work"}, consoleOf(
		"bay0: policy sha256:12 version 1, rooms 6",
		"bay0: room reader: ready in 41 ms",
		"vault-access: report: 8 grants used, 31 neighbours denied, 0 wrong",
		"bay0: room vault-access: ready in 1204 ms",
		"web: deny   tcp                  connect 80                       WRONG: it went through, expected EACCES",
		"web: report: 21 grants used, 96 neighbours denied, 1 wrong",
		"bay0: room web: failed: it ended with status 1",
		"bay0: room work: it was killed by SIGKILL; restart 2 in 200ms",
		"bay0: room once: ready in 5 ms",
		"bay0: room once: it ended with status 0",
		`bay0: {"room":"reader","state":"ready","memory_kib":712}`,
		`bay0: {"room":"vault-access","state":"ready","memory_kib":4410}`,
		"bay0: verdict: 3 of 6 rooms ready, 1.60 s after the kernel's start",
	))
	checkGolden(t, "boot-table.txt", got.Bytes())
}

// The details are compared with testdata/boot-details.txt, which -update writes anew.
func TestShowDetails(t *testing.T) {
	report := func(room, kind, rule, act, outcome string) string {
		return fmt.Sprintf("%s: %-6s %-20s %-52s %s", room, kind, rule, act, outcome)
	}
	var got bytes.Buffer
	showDetails(&got, []string{"mute", "web", "work"}, consoleOf(
		"bay0: room mute: ready in 41 ms",
		"bay0: room web: starting",
		report("web", "grant", "tcp bind 8080", "listen", "ok"),
		report("web", "deny", "tcp bind 8080", "bind port 8081", "EACCES as expected"),
		"web: listening",
		report("web", "deny", "socket", "AF_INET6 stream", "EAFNOSUPPORT as expected"),
		report("web", "deny", "tcp bind 8080", "bind port 443", "EACCES as expected"),
		report("web", "deny", "socket", "AF_INET stream, MPTCP", "EPROTONOSUPPORT as expected"),
		report("web", "deny", "devices", "open /dev/vda", "WRONG: it went through, expected ENOENT"),
		report("web", "deny", "devices", "open /dev/tpmrm0", "ENOENT as expected"),
		"web: report: 1 grants used, 5 neighbours denied, 1 wrong",
		"bay0: room web: failed: it ended with status 1",
		"bay0: room work: starting",
		report("work", "deny", "image /", "mkdir /etc/probe", "EROFS as expected"),
		report("work", "deny", "image /", "chmod 0777 /bin/a-program-with-a-name-that-is-rather-long", "EROFS as expected"),
		report("work", "deny", "image /", "create /run/probe", "EROFS as expected"),
		report("work", "grant", "image /", "read /bin/work", "ok"),
	))
	checkGolden(t, "boot-details.txt", got.Bytes())
}

func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestPartitionsOfAPolicy(t *testing.T) {
	p, faults, err := compiler.Compile(os.DirFS("../../rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil || faults.HasErrors() {
		t.Fatal(err, faults)
	}
	volume := func(label string, attributes uint64) policy.Mount {
		return policy.Mount{Target: "/x-" + label, Type: "ext4", Attributes: attributes | abi.MountNoSUID | abi.MountNoDev | abi.MountNoExec, Partition: label}
	}
	room := p.Rooms[0]
	p.Rooms = nil
	for i, volumes := range [][]policy.Mount{
		{volume("films", abi.MountReadOnly), volume("pictures", 0)},
		{volume("films", 0)},
		{volume("films", 0), volume("letters", abi.MountReadOnly)},
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
