package kernel_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// built is the directory with the kernel, from the cache: parts makes it before any test.
func built(t *testing.T) string {
	t.Helper()
	command := exec.Command("./build")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func digest(t *testing.T, path string) string {
	t.Helper()
	sum := sha256.Sum256(read(t, path))
	return hex.EncodeToString(sum[:])
}

// The manifest has the digest of all that went in, and of all that came out.
func TestManifest(t *testing.T) {
	dir := built(t)
	manifest := string(read(t, filepath.Join(dir, "manifest")))
	var want []string
	patches, err := filepath.Glob("patches/*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatal(patches, err)
	}
	for _, input := range append(patches, "source.bash", "build", "configure", "config-hardened") {
		want = append(want, "input "+digest(t, input)+"  "+input)
	}
	for _, output := range []string{"Image", "config", "release"} {
		want = append(want, "output "+digest(t, filepath.Join(dir, output))+"  "+output)
	}
	var got, others []string
	for line := range strings.Lines(manifest) {
		if fields := strings.Fields(line); len(fields) == 3 {
			got = append(got, strings.TrimSpace(line))
		} else {
			others = append(others, fields[2])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"source", "cc1", "as", "ld"}, others); diff != "" {
		t.Error(diff)
	}
}

const maxImage = 10_000_000 // bytes

func TestImageIsSmall(t *testing.T) {
	info, err := os.Stat(filepath.Join(built(t), "Image"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxImage {
		t.Errorf("Image has %d bytes, more than %d", info.Size(), maxImage)
	}
}

// cacheWith is a cache that has what kernel/build needs, and a result of which a test can spoil a file.
func cacheWith(t *testing.T, result string) (cache, copied string) {
	t.Helper()
	cache = t.TempDir()
	kernels := filepath.Dir(result)
	if err := os.Symlink(filepath.Join(filepath.Dir(kernels), "deb"), filepath.Join(cache, "deb")); err != nil {
		t.Fatal(err)
	}
	copied = filepath.Join(cache, "kernel", filepath.Base(result))
	if err := os.CopyFS(copied, os.DirFS(result)); err != nil {
		t.Fatal(err)
	}
	return cache, copied
}

// What lies in the cache is compared with its manifest, and built again where it differs.
func TestSpoiltCache(t *testing.T) {
	cache, result := cacheWith(t, built(t))
	if out, err := command(t, cache).Output(); err != nil || strings.TrimSpace(string(out)) != result {
		t.Fatalf("the copy gives %q, %v", out, err)
	}
	image := filepath.Join(result, "Image")
	text := bytes.Clone(read(t, image))
	text[len(text)/2] ^= 1
	if err := os.WriteFile(image, text, 0o644); err != nil {
		t.Fatal(err)
	}
	says(t, command(t, cache), "kernel: "+result+" is not what its manifest says: building it again\n")
}

// A release takes nothing from the cache, whatever is in it.
func TestReleaseIsBuiltFromNothing(t *testing.T) {
	cache, _ := cacheWith(t, built(t))
	release := command(t, cache)
	release.Env = append(release.Env, "ANCHOR_RELEASE=1")
	says(t, release, "kernel: building from nothing: no cache is used\n")
	says(t, command(t, cache, "--fresh"), "kernel: building from nothing: no cache is used\n")
}

// A kernel is built a second time, from nothing, until that gave the same bytes.
func TestKernelIsComparedOnce(t *testing.T) {
	cache, result := cacheWith(t, built(t))
	mark := filepath.Join(result, "compared")
	if err := os.RemoveAll(mark); err != nil {
		t.Fatal(err)
	}
	says(t, command(t, cache, "--compared"), "kernel: building from nothing: no cache is used\n")
	if err := os.WriteFile(mark, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, cache, "--compared").Output(); err != nil || strings.TrimSpace(string(out)) != result {
		t.Errorf("what was compared gives %q, %v", out, err)
	}
	if err := os.WriteFile(filepath.Join(result, "Image"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	says(t, command(t, cache, "--compared"), "kernel: there is nothing to compare with: build without --compared first\n")
}

// command is a run of kernel/build that ends with all that it has started.
func command(t *testing.T, cache string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, "./build", args...)
	command.Env = append(os.Environ(), "ANCHOR_CACHE="+cache, "ANCHOR_RELEASE=")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	return command
}

// says ends a run as soon as it has said line, which has to be its first.
func says(t *testing.T, run *exec.Cmd, line string) {
	t.Helper()
	complaint, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(line))
	_, err = io.ReadFull(complaint, got)
	if diff := cmp.Diff(line, string(got)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if err := run.Cancel(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, complaint)
	_ = run.Wait() // it was killed
}

// A result counts as it was built and under its own name, whole; a release is of the version of Linux that
// was configured.
func TestCacheThatIsNotWhatItSays(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string // in the manifest
	}{
		"an output is not named": {"\noutput", "\nforgot"},
		"another input":          {"input ", "input 0"},
		"empty":                  {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cache, result := cacheWith(t, built(t))
			manifest := filepath.Join(result, "manifest")
			text := ""
			if c.old != "" {
				text = strings.Replace(string(read(t, manifest)), c.old, c.new, 1)
			}
			if err := os.WriteFile(manifest, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			says(t, command(t, cache), "kernel: "+result+" is not what its manifest says: building it again\n")
		})
	}
}

// A cache with a blank in its path would be another one for make.
func TestCacheWithABlank(t *testing.T) {
	out, err := command(t, filepath.Join(t.TempDir(), "my cache")).CombinedOutput()
	if want := "my cache/kernel: make would take it for several paths\n"; err == nil || !strings.HasSuffix(string(out), want) {
		t.Errorf("%v: %q, want an end %q", err, out, want)
	}
}
