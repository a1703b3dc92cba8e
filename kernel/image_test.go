package kernel_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/pe"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// The shipped Image has what the patches do and what the configuration says, seen from its first program.
// Beside each thing that is gone stands the like of it that works.
func TestImage(t *testing.T) {
	parts, err := vm.FindParts()
	if err != nil {
		t.Fatal(err)
	}
	machine := vm.Machine{Image: unit(t, parts), Firmware: parts.Firmware, Vars: parts.Vars, Timeout: time.Minute}
	result, err := machine.Run(t.Context())
	if err != nil {
		t.Fatal(err, result.Text())
	}
	if result.Ending != vm.PowerOff {
		t.Errorf("ended by %s, expected %s\n%s", result.Ending, vm.PowerOff, result.Text())
	}
	said := map[string]string{}
	for _, line := range result.Lines {
		if name, value, ok := strings.Cut(strings.TrimPrefix(line.Text, "kernel: "), ": "); ok && strings.HasPrefix(line.Text, "kernel: ") {
			said[name] = value
		}
	}
	t.Logf("the kernel took %s ms up to its first program", said["milliseconds"])
	delete(said, "milliseconds")
	want := map[string]string{
		// 0001-lib-vsprintf-hash-symbols-without-kallsyms.patch; the dump is looked at below
		"an OOM kill in a control group": "signal: killed",
		"/proc/self/stack":               "xxxxxxxxxxxxxxxx", // and no 0x before it
		// 0002-af_unix-leave-out-of-band-data-out.patch
		"AF_UNIX send":             "ok",
		"AF_UNIX send out of band": "ENOTSUP",
		// 0003-tcp-ask-security-modules-before-fast-open.patch
		"fast open": "ok",
		"fast open where Landlock denies to connect": "EACCES",
		// 0004-cgroup-do-not-register-version-1.patch
		"mount cgroup2": "ok",
		"mount cgroup":  "ENODEV",
		// 0005-panic-do-not-start-tainted.patch
		"tainted": "0",

		"system calls": "getpid, which has to be there",
		"files":        "/proc/self/status",
		"file systems": "cgroup2 devtmpfs efivarfs ext3 ext4 mqueue pipefs proc ramfs securityfs sockfs squashfs sysfs tmpfs",

		"lockdown":         "none integrity [confidentiality]",
		"security modules": "lockdown,capability,yama,landlock",
		"the clock is set": "true",
		"mmap_rnd_bits":    "33",
		"mmap_min_addr":    "65536",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("-expected +said:\n%s\n%s", diff, result.Text())
	}
	checkTraces(t, result)
}

var (
	address = regexp.MustCompile(`\b(0x)?ffff[0-9a-f]{12}\b`)
	hashed  = regexp.MustCompile(`\] +00000000[0-9a-f]{8}$`)
)

// checkTraces looks for the kernel's own addresses in what it has printed, and for the call trace of the
// OOM kill, which would have shown them.
func checkTraces(t *testing.T, result vm.Result) {
	killed, traced := false, 0
	for _, line := range result.Lines {
		killed = killed || strings.Contains(line.Text, "invoked oom-killer")
		if address.MatchString(line.Text) {
			t.Errorf("the console shows where the kernel lies: %s", line.Text)
		}
		if hashed.MatchString(line.Text) {
			traced++
		}
	}
	if !killed || traced < 4 {
		t.Errorf("%d lines of a call trace, OOM kill %v: this run says nothing of addresses\n%s", traced, killed, result.Text())
	}
}

// BenchmarkStart says how long the kernel takes up to its first program, from where its EFI stub leaves the
// firmware: that is before its own clock starts, as it clears all memory first.
func BenchmarkStart(b *testing.B) {
	parts, err := vm.FindParts()
	if err != nil {
		b.Fatal(err)
	}
	image := unit(b, parts)
	for _, memory := range []int{256, 512, 1024} { // MiB
		b.Run(fmt.Sprintf("%dMiB", memory), func(b *testing.B) {
			machine := vm.Machine{Image: image, Firmware: parts.Firmware, Vars: parts.Vars, Memory: memory, Timeout: time.Minute}
			machine.Until = func(line string) bool { return strings.HasPrefix(line, "kernel: milliseconds: ") }
			var all time.Duration
			for b.Loop() {
				result, err := machine.Run(b.Context())
				start, found := result.First("EFI stub: Exiting boot services")
				if err != nil || result.Ending != vm.Matched || !found {
					b.Fatal(err, result.Ending, result.Text())
				}
				all += result.Lines[len(result.Lines)-1].After - start.After
			}
			b.ReportMetric(0, "ns/op") // the firmware's time is not meant
			b.ReportMetric(float64(all.Milliseconds())/float64(b.N), "ms/start")
		})
	}
}

// unit is an image of the shipped kernel whose first program is testdata/pid1.
func unit(t testing.TB, parts vm.Parts) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "pid1")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", program, "./testdata/pid1")
	build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ramdisk, err := initrd.Build(initrd.Contents{Bay0: read(t, program), Passports: []byte("none")})
	if err != nil {
		t.Fatal(err)
	}
	kernel := read(t, parts.Kernel)
	stub, err := pe.Read(read(t, parts.Stub))
	if err != nil {
		t.Fatal(err)
	}
	e, err := stub.Extend(int64(len(kernel) + len(ramdisk) + 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(e.Append(".cmdline", 0x40000040, []byte("console=ttyAMA0 loglevel=6 panic=-1 rdinit=/bin/bay0")),
		e.Append(".linux", 0x60000020, kernel), e.Append(".initrd", 0x40000040, ramdisk))
	if err != nil {
		t.Fatal(err)
	}
	e.ClearNXCompat()
	path := filepath.Join(t.TempDir(), "kernel.efi")
	if err := os.WriteFile(path, e.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
