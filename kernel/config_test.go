package kernel_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// configure runs kernel/configure of the checkout in dir, and returns what it prints and what it complains of.
func configure(t *testing.T, dir string, args ...string) (printed, said string, ok bool) {
	t.Helper()
	command := exec.Command(filepath.Join(dir, "kernel", "configure"), args...)
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	err := command.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), complaint.String(), err == nil
}

// config-hardened is whole: olddefconfig adds nothing to it, and drops and changes nothing.
func TestConfigHardened(t *testing.T) {
	if _, said, ok := configure(t, "..", "check"); !ok {
		t.Error(said)
	}
}

// copyOf is a copy of what the kernel is configured of, in which a test can spoil a file.
func copyOf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "kernel"), os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, ".ci"), os.DirFS("../.ci")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// spoil replaces old by new in config-hardened.
func spoil(t *testing.T, dir, old, replacement string) {
	t.Helper()
	path := filepath.Join(dir, "kernel", "config-hardened")
	text := string(read(t, path))
	if !strings.Contains(text, old) {
		t.Fatalf("config-hardened has no %q", old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(text, old, replacement, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Each line in which config-hardened is not what olddefconfig makes of it is named: an option of no kernel,
// and one that is not there.
func TestConfigHardenedThatDoesNotHold(t *testing.T) {
	dir := copyOf(t)
	spoil(t, dir, "CONFIG_ARM64_PAN=y\n", "")
	spoil(t, dir, "CONFIG_SMP=y\n", "CONFIG_SMP=y\nCONFIG_SMQ=y\n")
	printed, said, ok := configure(t, dir, "check")
	const want = `kernel: - CONFIG_SMQ=y
kernel: + CONFIG_ARM64_PAN=y
kernel: config-hardened does not hold; after a look at that, configure edit /dev/null writes what became of it
`
	if diff := cmp.Diff(want, said); ok || printed != "" || diff != "" {
		t.Errorf("accepted %v, printed %d bytes\n%s", ok, len(printed), diff)
	}
}

// edit writes the full configuration back, and leaves the head as it is.
func TestConfigureEdit(t *testing.T) {
	dir := copyOf(t)
	lines := filepath.Join(dir, "lines")
	if err := os.WriteFile(lines, []byte("CONFIG_NR_CPUS=32 # a machine with more of them\nCONFIG_USER_NS=n\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	printed, said, ok := configure(t, dir, "edit", lines)
	if diff := cmp.Diff("- CONFIG_NR_CPUS=16\n+ CONFIG_NR_CPUS=32\n", printed); !ok || diff != "" {
		t.Fatalf("%s%s", said, diff)
	}
	want := strings.Replace(string(read(t, "config-hardened")), "CONFIG_NR_CPUS=16", "CONFIG_NR_CPUS=32", 1)
	if diff := cmp.Diff(want, string(read(t, filepath.Join(dir, "kernel", "config-hardened")))); diff != "" {
		t.Error(diff)
	}
}

// What Kconfig would drop without a word is an error, each line of it, and nothing is written.
func TestConfigureEditRefuses(t *testing.T) {
	dir := copyOf(t)
	lines := filepath.Join(dir, "lines")
	var text, want string
	for _, line := range [][2]string{
		{"CONFIG_USER_NAMESPACES=n", "CONFIG_USER_NAMESPACES is no option of this kernel"},
		{"CONFIG_ARM64_BTI_KERNEL=y", "CONFIG_ARM64_BTI_KERNEL=y became n"}, // a dependency forbids it
		{"CONFIG_BUFFER_HEAD=n", "CONFIG_BUFFER_HEAD=n became y"},           // another option needs it
		{"CONFIG_USER_NS=n", ""}, // nothing is wrong with it
		{"CONFIG_ARCH_MMAP_RND_BITS=40", "CONFIG_ARCH_MMAP_RND_BITS=40 became 33"},
	} {
		text += line[0] + "\n"
		if line[1] != "" {
			want += "kernel: lines: " + line[1] + "\n"
		}
	}
	if err := os.WriteFile(lines, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	printed, said, ok := configure(t, dir, "edit", lines)
	if diff := cmp.Diff(want+"kernel: lines does not hold\n", said); ok || printed != "" || diff != "" {
		t.Errorf("accepted %v, printed %q\n%s", ok, printed, diff)
	}
	if !bytes.Equal(read(t, "config-hardened"), read(t, filepath.Join(dir, "kernel", "config-hardened"))) {
		t.Error("config-hardened was written")
	}
}

// Each line of a fragment is in what it makes of its base, and says what it is for.
func TestFragments(t *testing.T) {
	line := regexp.MustCompile(`^(CONFIG_[A-Z0-9a-z_]+)=("[^"]*"|-?[a-z0-9]+) +# \S.+$`)
	for fragment, arch := range map[string]string{"config-hardware": "arm64", "config-developer-x86_64": "x86_64"} {
		t.Run(fragment, func(t *testing.T) {
			merged, said, ok := configure(t, "..", "merge", arch, fragment)
			if !ok {
				t.Fatal(said)
			}
			has := map[string]bool{}
			for text := range strings.Lines(merged) {
				has[strings.TrimSpace(text)] = true
			}
			lines := 0
			for text := range strings.Lines(string(read(t, fragment))) {
				text = strings.TrimSuffix(text, "\n")
				if text == "" || strings.HasPrefix(text, "#") {
					continue
				}
				m := line.FindStringSubmatch(text)
				if m == nil {
					t.Errorf("%q is no option with a value and a reason", text)
					continue
				}
				lines++
				if setting := m[1] + "=" + m[2]; m[2] != "n" && !has[setting] {
					t.Errorf("%s is not in the result", setting)
				} else if m[2] == "n" && (strings.Contains(merged, "\n"+m[1]+"=")) {
					t.Errorf("%s is set in the result", m[1])
				}
			}
			if lines < 50 {
				t.Errorf("only %d lines were looked at", lines)
			}
		})
	}
}
