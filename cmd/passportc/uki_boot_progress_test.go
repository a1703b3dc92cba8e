package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a machine says, and what of it is shown, a second after another.
func TestProgressOfABoot(t *testing.T) {
	said := []string{
		"UEFI firmware (version 2025)",
		"EFI stub: Booting Linux Kernel...",
		"[    0.000000] Linux version 6.12.1-anchor (a@b) #1 SMP",
		"[    0.588311] tpm tpm0: A TPM error (256)",
		"[    1.199415] bay0: policy sha256:12 version 1, rooms 2, secure boot false",
		"[    3.000000] web: grant  user                 uid and gid are 10001    ok",
		"[    3.100000] web: deny   user                 setuid 0                 EPERM as expected",
		"[    3.200000] web: deny   devices              open /dev/vda            WRONG: it went through, expected ENOENT",
		"[    3.300000] web: report: 1 grants used, 1 neighbours denied, 1 wrong",
		"[    3.400000] web: bay0: room web: ready in 1 ms",
		"[    3.450000] softdog: initialized",
		"[    3.500000] bay0: room web: failed: it ended with status 1",
		"[    3.600000] reader: answer: x",
		"[    3.700000] reader: grant  user              ok",
		"[    3.800000] bay0: room reader: ready in 2446 ms",
		`[    3.900000] bay0: {"room":"reader","state":"ready","memory_kib":3860}`,
		"[    3.900001] bay0: verdict: 1 of 2 rooms ready, 3.90 s after the kernel's start",
		"[   13.000000] bay0: settled: what has to stay up has, for 10s",
	}
	want := `   0.0 s  firmware
   3.0 s  kernel 6.12.1-anchor
   5.0 s  bay0: policy sha256:12 version 1, rooms 2, secure boot false
   6.0 s  web: uses each of its grants, and tries their neighbours
   8.0 s  web: deny   devices              open /dev/vda            WRONG: it went through, expected ENOENT
   9.0 s  web: report: 1 grants used, 1 neighbours denied, 1 wrong
  10.0 s  web: bay0: room web: ready in 1 ms
  12.0 s  bay0: room web: failed: it ended with status 1
  13.0 s  reader: answer: x
  15.0 s  bay0: room reader: ready in 2446 ms
  18.0 s  bay0: settled: what has to stay up has, for 10s
`
	var shown bytes.Buffer
	var clock time.Duration
	p := newProgress(&shown, []string{"reader", "web"}, func() time.Duration { return clock })
	for _, line := range said {
		clock += time.Second
		fmt.Fprintln(p, line)
	}
	if diff := cmp.Diff(want, shown.String()); diff != "" {
		t.Error(diff)
	}
}

// All that the machine says is in the file, or on standard output in place of the progress.
func TestConsoleOfABoot(t *testing.T) {
	for name, want := range map[string]struct{ shown, kept string }{
		"":            {"   0.0 s  firmware\n", ""},
		"console.log": {"   0.0 s  firmware\n", "EFI stub: x\n"},
		"-":           {"EFI stub: x\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var shown bytes.Buffer
			console, finish, err := openConsole(&shown, name, nil)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(console, "EFI stub: x")
			if err := finish(); err != nil {
				t.Error(err)
			}
			kept, _ := os.ReadFile("console.log")
			if diff := cmp.Diff([]string{want.shown, want.kept}, []string{shown.String(), string(kept)}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConsoleIsNoDirectory(t *testing.T) {
	var shown bytes.Buffer
	if _, _, err := openConsole(&shown, t.TempDir(), nil); err == nil || !strings.HasSuffix(err.Error(), ": it is there and no regular file") {
		t.Errorf("a directory: %v", err)
	}
	if _, _, err := openConsole(&shown, filepath.Join(t.TempDir(), "a", "b"), nil); err == nil || !strings.HasSuffix(err.Error(), "no such file or directory") {
		t.Errorf("in no directory: %v", err)
	}
	if shown.Len() > 0 {
		t.Errorf("shown: %s", shown.String())
	}
}
