package rooms

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foreign is a room around a program of others: its directory, a Debian package that it is made from, and
// an apt-get that knows this package alone, so that the tests need no network.
type foreign struct{ dir, deb, apt, cache string }

// newForeign makes the package: a program that is linked dynamically, its loader and its library, each in
// two places of which one is a link, and a file that the room has no use for.
func newForeign(t *testing.T) foreign {
	t.Helper()
	top := t.TempDir()
	f := foreign{dir: filepath.Join(top, "reader"), deb: filepath.Join(top, "tool.deb"), apt: filepath.Join(top, "apt"), cache: filepath.Join(top, "cache")}
	write(t, filepath.Join(f.apt, "apt-get"), 0o755, `#!/bin/sh
case "$*" in
  *indextargets*) echo http://mirror.example/debian/ ;;
  *download*) cp "`+f.deb+`" . ;;
esac
`)
	tree := filepath.Join(top, "tree")
	write(t, filepath.Join(tree, "DEBIAN/control"), 0o644, "Package: tool\nVersion: 1.0\nArchitecture: arm64\nMaintainer: nobody <n@example.org>\nDescription: a program\n")
	write(t, filepath.Join(tree, "usr/share/doc/tool/README"), 0o644, "not needed\n")
	source := filepath.Join(top, "tool.c")
	write(t, source, 0o644, "int answer(void); void _start(void) { answer(); }\n")
	library := filepath.Join(top, "answer.c")
	write(t, library, 0o644, "int answer(void) { return 42; }\n")
	for _, dir := range []string{"bin", "lib/multi"} {
		if err := os.MkdirAll(filepath.Join(tree, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	shell(t, tree, `
		aarch64-linux-gnu-gcc -nostdlib -shared -Wl,-soname,libanswer.so.1 -o lib/multi/libanswer.so.1.2 ../answer.c
		aarch64-linux-gnu-gcc -nostdlib -Wl,--dynamic-linker=/lib/ld-tool.so -o bin/tool ../tool.c lib/multi/libanswer.so.1.2
		cp lib/multi/libanswer.so.1.2 lib/multi/ld-tool.so
		ln -s libanswer.so.1.2 lib/multi/libanswer.so.1
		ln -s /lib/multi/ld-tool.so lib/ld-tool.so
		chmod 4755 bin/tool
		dpkg-deb --root-owner-group --build . ../tool.deb`)
	return f
}

func write(t *testing.T, path string, mode os.FileMode, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func shell(t *testing.T, dir, script string) {
	t.Helper()
	run := exec.Command("bash", "-euc", script)
	run.Dir = dir
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}

// digest is the package's.
func (f foreign) digest(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(f.deb)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// build builds the room's image; it returns its path and what was said.
func (f foreign) build(t *testing.T, umask, arch string, environment ...string) (image, said string, err error) {
	t.Helper()
	image = filepath.Join(t.TempDir(), "reader.squashfs")
	build := exec.Command("bash", "-c", `umask "$0"; exec ./build-image "$@"`, umask, f.dir, arch, image)
	build.Env = append(os.Environ(), "PATH="+f.apt+":"+os.Getenv("PATH"), "ANCHOR_CACHE="+f.cache)
	build.Env = append(build.Env, environment...)
	out, err := build.CombinedOutput()
	return image, string(out), err
}

func TestImageOfAForeignProgram(t *testing.T) {
	f := newForeign(t)
	write(t, filepath.Join(f.dir, "packages"), 0o644, "# a comment\n\nbookworm tool:amd64 "+strings.Repeat("0", 64)+" bin/tool\n"+
		"bookworm tool:arm64 "+f.digest(t)+" bin/tool lib/multi/* lib/*.so\n")
	write(t, filepath.Join(f.dir, "root/etc/reader.conf"), 0o640, "x\n")
	write(t, filepath.Join(f.dir, "root/bin/start"), 0o700, "x\n")
	write(t, filepath.Join(f.dir, "root/data/.gitkeep"), 0o644, "")
	image, said, err := f.build(t, "022", "aarch64", "TZ=UTC")
	if err != nil {
		t.Fatal(err, said)
	}
	const day = " 0/0 1970-01-01 00:00 squashfs-root"
	want := []string{
		"drwxr-xr-x" + day,
		"drwxr-xr-x" + day + "/bin",
		"-rwxr-xr-x" + day + "/bin/start",
		"-rwxr-xr-x" + day + "/bin/tool",
		"drwxr-xr-x" + day + "/data",
		"drwxr-xr-x" + day + "/dev",
		"drwxr-xr-x" + day + "/etc",
		"-rw-r--r--" + day + "/etc/reader.conf",
		"lrwxrwxrwx" + day + "/etc/resolv.conf -> /run/resolv.conf",
		"drwxr-xr-x" + day + "/lib",
		"lrwxrwxrwx" + day + "/lib/ld-tool.so -> /lib/multi/ld-tool.so",
		"drwxr-xr-x" + day + "/lib/multi",
		"-rwxr-xr-x" + day + "/lib/multi/ld-tool.so",
		"lrwxrwxrwx" + day + "/lib/multi/libanswer.so.1 -> libanswer.so.1.2",
		"-rwxr-xr-x" + day + "/lib/multi/libanswer.so.1.2",
		"drwxr-xr-x" + day + "/proc",
		"drwxr-xr-x" + day + "/run",
		"drwxr-xr-x" + day + "/tmp",
	}
	if diff := cmp.Diff(want, list(t, image)); diff != "" {
		t.Error(diff)
	}

	// Once more, elsewhere and otherwise: the same bytes.
	f.cache = t.TempDir()
	again, said, err := f.build(t, "077", "aarch64", "TZ=Pacific/Auckland", "LC_ALL=C.UTF-8", "SOURCE_DATE_EPOCH=1700000000")
	if err != nil {
		t.Fatal(err, said)
	}
	a, errA := os.ReadFile(image)
	b, errB := os.ReadFile(again)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("two builds differ: %d and %d bytes", len(a), len(b))
	}
}

func TestPackagesRefused(t *testing.T) {
	f := newForeign(t)
	digest, other := f.digest(t), strings.Repeat("0", 64)
	const got = "getting tool:arm64 from Debian bookworm\n"
	tests := []struct {
		name, line, want string
	}{
		{
			"a package of another digest", "bookworm tool:arm64 " + other + " bin/tool",
			got + "deb: tool:arm64 of Debian bookworm is now 1.0 with SHA-256 " + digest + ", not " + other + "\n" +
				"build-image: DIR/packages:1: cannot use tool:arm64 (if it has changed, review it and write down the new digest)\n",
		},
		{"no architecture", "bookworm tool " + digest + " bin/tool", "build-image: DIR/packages:1: tool says no architecture, such as tool:arm64\n"},
		{"no digest", "bookworm tool:arm64 bin/tool", "build-image: DIR/packages:1: the third word is no SHA-256\n"},
		{"no files", "bookworm tool:arm64 " + digest, got + "build-image: DIR/packages:1: which files of the package?\n"},
		{"a file that is not there", "bookworm tool:arm64 " + digest + " bin/tool bin/none*", "build-image: DIR/packages:1: no file of the package is bin/none*\n"},
		{"an absolute path", "bookworm tool:arm64 " + digest + " /bin/tool", "build-image: DIR/packages:1: /bin/tool is no path within the package\n"},
		{"a path out of the package", "bookworm tool:arm64 " + digest + " bin/../../*", "build-image: DIR/packages:1: bin/../../* is no path within the package\n"},
		{"a program without its loader", "bookworm tool:arm64 " + digest + " bin/tool lib/multi/libanswer*", "pack-image: /bin/tool needs /lib/ld-tool.so, which is not in the image\n"},
		{"a loader that is a link to nothing", "bookworm tool:arm64 " + digest + " bin/tool lib/multi/libanswer* lib/ld-tool.so", "pack-image: /bin/tool needs /lib/ld-tool.so, which is not in the image\n"},
		{"a program without its library", "bookworm tool:arm64 " + digest + " bin/tool lib/multi/ld-tool.so lib/ld-tool.so", "pack-image: /bin/tool needs libanswer.so.1, which is not in the image\n"},
	}
	for _, test := range tests { // in order: what one has got the next has
		t.Run(test.name, func(t *testing.T) {
			write(t, filepath.Join(f.dir, "packages"), 0o644, test.line+"\n")
			image, said, err := f.build(t, "022", "aarch64")
			if err == nil {
				t.Error("the image was built")
			}
			if diff := cmp.Diff(strings.ReplaceAll(test.want, "DIR", f.dir), said); diff != "" {
				t.Error(diff)
			}
			if left, err := filepath.Glob(image + "*"); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q, %v", left, err)
			}
		})
	}
}
