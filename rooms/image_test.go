// Package rooms holds the rooms' passports and programs, and tests what is made of the programs.
package rooms

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// buildImage builds the image of web in a directory of its own, with umask and environment set.
func buildImage(t *testing.T, umask string, environment ...string) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "web.squashfs")
	build := exec.Command("bash", "-c", `umask "$0"; exec ./build-image web aarch64 "$1"`, umask, image)
	build.Env = append(os.Environ(), environment...)
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build-image: %v\n%s", err, said)
	}
	return image
}

func TestImageIsTheSameUnderAnyEnvironment(t *testing.T) {
	read := func(image string) []byte {
		bytes, err := os.ReadFile(image)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	first := read(buildImage(t, "022", "TZ=UTC", "LC_ALL=C"))
	second := read(buildImage(t, "077", "TZ=Pacific/Auckland", "LC_ALL=C.UTF-8", "SOURCE_DATE_EPOCH=1700000000", "GOARM64=v8.2"))
	if !bytes.Equal(first, second) {
		t.Errorf("two builds differ: %d and %d bytes", len(first), len(second))
	}
}

// A room finds its program and the places where its mounts go, and nothing else.
func TestImageHolds(t *testing.T) {
	want := []string{
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root",
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/bin",
		"-rwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/bin/web",
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/dev",
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/etc",
		"lrwxrwxrwx 0/0 1970-01-01 00:00 squashfs-root/etc/resolv.conf -> /run/resolv.conf",
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/proc",
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/run",
		"drwxr-xr-x 0/0 1970-01-01 00:00 squashfs-root/tmp",
	}
	if diff := cmp.Diff(want, list(t, buildImage(t, "000"))); diff != "" {
		t.Error(diff)
	}
}

// list is what an image holds, a line each, without the sizes.
func list(t *testing.T, image string) (lines []string) {
	t.Helper()
	listing, err := exec.Command("unsquashfs", "-lln", "-UTC", image).CombinedOutput()
	if err != nil {
		t.Fatalf("unsquashfs: %v\n%s", err, listing)
	}
	for line := range strings.Lines(string(listing)) {
		fields := strings.Fields(line) // mode, owner, size, day, time, path
		lines = append(lines, strings.Join(slices.Delete(fields, 2, 3), " "))
	}
	return lines
}

func TestBuildImageRefuses(t *testing.T) {
	tests := []struct {
		name      string
		arguments []string
		want      string
		exit      int
	}{
		{"an unknown architecture", []string{"web", "riscv64", "out"}, "build-image: unknown architecture riscv64 (aarch64 or x86_64)\n", 2},
		{"a room with nothing to run", []string{"../kernel", "aarch64", "out"}, "build-image: ../kernel has no program, no packages and no root\n", 1},
		{"a room that is not there", []string{"nowhere", "aarch64", "out"}, "build-image: there is no directory nowhere\n", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			build := exec.Command("./build-image", test.arguments...)
			said, _ := build.CombinedOutput()
			if diff := cmp.Diff(test.want, string(said)); diff != "" {
				t.Error(diff)
			}
			if got := build.ProcessState.ExitCode(); got != test.exit {
				t.Errorf("exit %d, expected %d", got, test.exit)
			}
		})
	}
}
