package vm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// played is a feed that gives these lines, then ends as QEMU does; with hangs it never ends.
func played(hangs bool, ending Ending, texts ...string) feed {
	lines, endings := make(chan Line, len(texts)), make(chan Ending, 1)
	for _, text := range texts {
		lines <- Line{Text: text}
	}
	if ending != 0 {
		endings <- ending
	}
	if !hangs {
		close(lines)
	}
	return feed{lines, endings, io.Discard}
}

func TestWatch(t *testing.T) {
	ready := func(line string) bool { return line == "ready" }
	tests := []struct {
		name  string
		feed  feed
		until func(string) bool
		want  Ending
		lines []string
		err   string
	}{
		{name: "a line matches", feed: played(true, 0, "one", "ready", "two"), until: ready, want: Matched, lines: []string{"one", "ready"}},
		{name: "no line matches before the reset", feed: played(false, Reset, "one"), until: ready, want: Reset, lines: []string{"one"}},
		{name: "nothing to match: lines up to the power-off", feed: played(false, PowerOff, "one", "two"), want: PowerOff, lines: []string{"one", "two"}},
		{name: "watchdog", feed: played(false, Watchdog), want: Watchdog},
		{name: "time is up", feed: played(true, 0, "one"), want: Timeout, lines: []string{"one"}},
		{name: "QEMU dies", feed: played(false, 0, "one"), lines: []string{"one"}, err: "cannot follow the machine: QEMU ended by itself"},
		{
			name: "the firmware refuses the image", feed: played(true, 0, `BdsDxe: failed to load Boot0001 "disk" from Pci(0x3,0x0): Access Denied`),
			lines: []string{`BdsDxe: failed to load Boot0001 "disk" from Pci(0x3,0x0): Access Denied`},
			err:   "the firmware refuses the image: Access Denied",
		},
		{name: "a program that is denied access is no refusal", feed: played(false, Reset, "Access Denied"), want: Reset, lines: []string{"Access Denied"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var console bytes.Buffer
			machine := Machine{Until: test.until, Timeout: 200 * time.Millisecond, Console: &console}
			result, err := machine.watch(t.Context(), test.feed, time.Now())

			said := ""
			if err != nil {
				said = err.Error()
			}
			if diff := cmp.Diff(test.err, said); diff != "" {
				t.Errorf("error:\n%s", diff)
			}
			if result.Ending != test.want {
				t.Errorf("ended by %s, expected %s", result.Ending, test.want)
			}
			if diff := cmp.Diff(strings.Join(append(test.lines, ""), "\n"), result.Text()); diff != "" {
				t.Errorf("lines:\n%s", diff)
			}
			if diff := cmp.Diff(result.Text(), console.String()); diff != "" {
				t.Errorf("what Console got:\n%s", diff)
			}
		})
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Machine{}.watch(ctx, played(true, 0), time.Now())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, expected %v", err, context.Canceled)
	}
}

// What Then does decides how a run ends that Until has matched.
func TestWatchThen(t *testing.T) {
	failed := errors.New("failed")
	tests := []struct {
		name string
		feed feed
		then func(ctx context.Context, seen Result) error
		want Ending
		err  error
	}{
		{"it returns", played(true, 0, "ready", "more"), func(_ context.Context, seen Result) error {
			if seen.Text() != "ready\n" || seen.Ending != Matched {
				return failed
			}
			return nil
		}, Matched, nil},
		{"it fails", played(true, 0, "ready"), func(context.Context, Result) error { return failed }, Matched, failed},
		{"the machine ends meanwhile", played(false, Reset, "ready"), func(ctx context.Context, _ Result) error {
			<-ctx.Done()
			return failed
		}, Reset, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			machine := Machine{Until: func(line string) bool { return line == "ready" }, Then: test.then}
			result, err := machine.watch(t.Context(), test.feed, time.Now())
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Errorf("error %v, expected %v", err, test.err)
			}
			if result.Ending != test.want {
				t.Errorf("ended by %s, expected %s", result.Ending, test.want)
			}
		})
	}
}

func TestArguments(t *testing.T) {
	machine := Machine{Firmware: "a,b/CODE.fd", Memory: 1024}
	want := strings.Fields(`-M virt,memory-backend=memory -cpu cortex-a72 -nographic -nodefaults -serial stdio
		-boot menu=on,splash-time=0 -action reboot=shutdown,shutdown=pause
		-chardev socket,id=monitor,fd=3 -mon chardev=monitor,mode=control
		-device virtio-rng-pci -device i6300esb -m 1024
		-object memory-backend-ram,id=memory,prealloc=on,size=1024M
		-drive format=raw,file=a,,b/CODE.fd,if=pflash,unit=0,readonly=on
		-drive format=raw,file=dir/vars.fd,if=pflash,unit=1
		-drive format=raw,file=dir/esp.img,if=none,id=esp
		-device virtio-blk-pci,drive=esp,bootindex=0
		-netdev user,id=net,restrict=on,ipv6=off -device virtio-net-pci,netdev=net,romfile=`)
	if diff := cmp.Diff(want, machine.arguments("dir")); diff != "" {
		t.Error(diff)
	}
	slots := Machine{Slots: [2]string{"a.efi"}, Flash: "kept.fd", Resets: 1}.arguments("dir")
	for _, want := range []string{"reboot=reset,shutdown=pause", "format=raw,file=kept.fd,if=pflash,unit=1", "virtio-blk-pci,drive=esp"} {
		if !slices.Contains(slots, want) {
			t.Errorf("a machine with slots: %q lacks %s", slots, want)
		}
	}
	if args := (Machine{}).arguments("dir"); !slices.Contains(args, "512") {
		t.Errorf("%q says nothing of the 512 MiB that a machine has by default", args)
	}
}

func TestArgumentsOfDevices(t *testing.T) {
	machine := Machine{
		Disk: "a,b.img", TPM: "tpm",
		Forward: []Forward{{8081, 8080}, {2222, 22}},
		Echo:    []netip.AddrPort{netip.MustParseAddrPort("10.0.2.100:443")},
	}
	want := strings.Fields(`-drive format=raw,file=a,,b.img,if=none,id=data -device virtio-blk-pci,drive=data
		-chardev socket,id=tpm,fd=4 -tpmdev emulator,id=tpm,chardev=tpm -device tpm-tis-device,tpmdev=tpm
		-netdev user,id=net,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:8081-10.0.2.15:8080,hostfwd=tcp:127.0.0.1:2222-10.0.2.15:22,guestfwd=tcp:10.0.2.100:443-cmd:cat
		-device virtio-net-pci,netdev=net,romfile=`)
	got := machine.arguments("dir")
	if diff := cmp.Diff(want, got[len(got)-len(want):]); diff != "" {
		t.Error(diff)
	}
}

// The kernel is an EFI program too. Alone, it finds no root file system, panics, and resets the machine.
func TestBootKernelWithoutInitrd(t *testing.T) {
	parts := findParts(t)
	result, err := Machine{Image: parts.Kernel, Firmware: parts.Firmware, Vars: parts.Vars}.Run(t.Context())
	if err != nil {
		t.Fatal(err, result.Text())
	}
	if result.Ending != Reset {
		t.Errorf("ended by %s, expected %s", result.Ending, Reset)
	}
	for _, want := range []string{"BdsDxe: starting Boot", "Linux version 6.12.", "KASLR enabled", "i6300ESB timer", "Kernel panic - not syncing: VFS"} {
		if line, found := result.First(want); !found || line.After <= 0 || line.After > result.After {
			t.Errorf("no line at its time with %q in\n%s", want, result.Text())
		}
	}
}

func TestBootUntilALineMatches(t *testing.T) {
	parts := findParts(t)
	until := func(line string) bool { return strings.Contains(line, "Linux version") }
	result, err := Machine{Image: parts.Kernel, Firmware: parts.Firmware, Vars: parts.Vars, Until: until}.Run(t.Context())
	if err != nil {
		t.Fatal(err, result.Text())
	}
	if last := result.Lines[len(result.Lines)-1]; result.Ending != Matched || !until(last.Text) {
		t.Errorf("ended by %s at %q, expected the kernel's first words", result.Ending, last.Text)
	}
}

// Under Secure Boot with keys that are not ours the kernel, which nobody signed, is refused.
func TestBootRefused(t *testing.T) {
	parts := findParts(t)
	result, err := Machine{Image: parts.Kernel, Firmware: parts.SecureFirmware, Vars: parts.ForeignVars}.Run(t.Context())
	if !errors.Is(err, ErrRefused) {
		t.Fatalf("error %v, expected %v; the console:\n%s", err, ErrRefused, result.Text())
	}
	if line, started := result.First("Linux version"); started {
		t.Errorf("it was started all the same: %s", line.Text)
	}
}

func TestRunSaysWhatQEMUSays(t *testing.T) {
	parts := findParts(t)
	_, err := Machine{Image: parts.Stub, Firmware: "nowhere/CODE.fd", Vars: parts.Vars}.Run(t.Context())
	const want = "cannot follow the machine: QEMU ended by itself (QEMU: qemu-system-aarch64: -drive format=raw,file=nowhere/CODE.fd,if=pflash,unit=0,readonly=on: Could not open 'nowhere/CODE.fd': No such file or directory)"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nexpected %s", err, want)
	}
}

func TestRunWithoutAnImage(t *testing.T) {
	_, err := Machine{Image: "nowhere/anchor.efi"}.Run(t.Context())
	const want = "cannot make the boot volume: stat nowhere/anchor.efi: no such file or directory"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nexpected %s", err, want)
	}
}

func findParts(t *testing.T) Parts {
	t.Helper()
	parts, err := FindParts()
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func TestFindParts(t *testing.T) {
	parts := findParts(t)
	if got := filepath.Base(parts.Kernel); got != "Image" {
		t.Errorf("the kernel is %s, expected Image", got)
	}
	t.Setenv(PartsVariable, "nowhere")
	_, err := FindParts()
	const want = "cannot find a part of the machine: stat nowhere/linuxaa64.efi.stub: no such file or directory (make parts makes it)"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nexpected %s", err, want)
	}
}
