package vm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/pe"
	"github.com/google/go-cmp/cmp"
)

// probeImage is an image whose PID 1 is testdata/probe.
func probeImage(t *testing.T, parts Parts) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "probe")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", program, "./testdata/probe")
	build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ramdisk, err := initrd.Build(initrd.Contents{Bay0: readDisk(t, program), Passports: []byte("none")})
	if err != nil {
		t.Fatal(err)
	}
	kernel := readDisk(t, parts.Kernel)
	stub, err := pe.Read(readDisk(t, parts.Stub))
	if err != nil {
		t.Fatal(err)
	}
	e, err := stub.Extend(int64(len(kernel) + len(ramdisk) + 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	const commandLine = "console=ttyAMA0 loglevel=4 panic=-1 rdinit=/bin/bay0 ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off carrier_timeout=1"
	err = errors.Join(e.Append(".cmdline", 0x40000040, []byte(commandLine)),
		e.Append(".linux", 0x60000020, kernel), e.Append(".initrd", 0x40000040, ramdisk))
	if err != nil {
		t.Fatal(err)
	}
	e.ClearNXCompat()
	path := filepath.Join(t.TempDir(), "probe.efi")
	if err := os.WriteFile(path, e.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask says a line at a port of this host and returns the line that it hears.
func ask(ctx context.Context, port uint16, line string) (string, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return "", err
	}
	return bufio.NewReader(c).ReadString('\n')
}

// A machine uses its disk, its TPM and its network card; disk and TPM are in the second run what the first
// left, though the first ended without a word.
func TestDevices(t *testing.T) {
	parts := findParts(t)
	dir := t.TempDir()
	disk := filepath.Join(dir, "a,b.img")
	if err := MakeDisk(t.Context(), disk, []Partition{{"other", SmallestPartition, 1}, {"notes", SmallestPartition, 10002}}); err != nil {
		t.Fatal(err)
	}
	port, release, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	machine := Machine{
		Image: probeImage(t, parts), Firmware: parts.Firmware, Vars: parts.Vars, Timeout: time.Minute,
		Disk: disk, TPM: filepath.Join(dir, "tpm", "a,b"),
		Forward: []Forward{{Host: port, Guest: 8080}},
		Echo:    []netip.AddrPort{netip.MustParseAddrPort("10.0.2.100:443")},
		Until:   func(line string) bool { return line == "probe: listening" },
	}
	for _, times := range []int{1, 2} {
		var answer string
		machine.Then = func(ctx context.Context, _ Result) (err error) {
			answer, err = ask(ctx, port, "good day")
			return err
		}
		result, err := machine.Run(t.Context())
		if err != nil {
			t.Fatal(err, result.Text())
		}
		if answer != "you said good day\n" {
			t.Errorf("the answer is %q", answer)
		}
		want := []string{
			fmt.Sprintf("TPM: started %d times", times),
			fmt.Sprintf("disk: of 10002, booted %d times", times),
			"echo: hello",
			"elsewhere: failed: dial tcp 10.0.2.2:22: connect: connection refused",
			"listening",
		}
		if diff := cmp.Diff(want, probed(result)[:len(want)]); diff != "" {
			t.Errorf("%s\n%s", diff, result.Text())
		}
	}
}

// probed is what the probe has said.
func probed(result Result) (lines []string) {
	for _, line := range result.Lines {
		if text, ok := strings.CutPrefix(line.Text, "probe: "); ok {
			lines = append(lines, text)
		}
	}
	return append(lines, make([]string, 5)...) // so that there are enough to compare
}

func TestTPMWithoutItsState(t *testing.T) {
	parts := findParts(t)
	machine := Machine{Image: parts.Kernel, Firmware: parts.Firmware, Vars: parts.Vars}
	t.Run("a file in the place of the directory", func(t *testing.T) {
		machine.TPM = parts.Kernel
		_, err := machine.Run(t.Context())
		if diff := cmp.Diff("cannot start the TPM: mkdir "+parts.Kernel+": not a directory", failure(err)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a state that is none", func(t *testing.T) {
		machine.TPM = t.TempDir()
		if err := os.WriteFile(filepath.Join(machine.TPM, "tpm2-00.permall"), []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := machine.Run(t.Context())
		for _, want := range []string{"cannot follow the machine: QEMU ended by itself (QEMU: qemu-system-aarch64: ", "(swtpm: "} {
			if !strings.Contains(failure(err), want) {
				t.Errorf("error %q does not say %q", failure(err), want)
			}
		}
	})
}

func TestFreePort(t *testing.T) {
	port, release, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)) // as QEMU does, with SO_REUSEADDR
	if err != nil {
		t.Fatal("nobody can listen there:", err)
	}
	l.Close()
	release()
}
