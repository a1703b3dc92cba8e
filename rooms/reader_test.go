package rooms

import (
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
)

// The reader's programs were built by others, for a whole Debian. In the image each finds its loader and its
// libraries where it looks for them, and nothing needs what a room does not have: memory that is writable
// and executable.
func TestReaderHasWhatItsProgramsNeed(t *testing.T) {
	for arch, c := range map[string]struct {
		machine elf.Machine
		triple  string
	}{
		"aarch64": {elf.EM_AARCH64, "aarch64-linux-gnu"},
		"x86_64":  {elf.EM_X86_64, "x86_64-linux-gnu"},
	} {
		t.Run(arch, func(t *testing.T) {
			root := unpackImage(t, "reader", arch)
			// The loader's default order (ld.so(8)), as Debian builds it.
			libraries := []string{"/lib/" + c.triple, "/usr/lib/" + c.triple, "/lib", "/usr/lib"}
			checked := 0
			for _, file := range programs(t, root) {
				checked++
				t.Run(file, func(t *testing.T) { checkProgram(t, root, file, c.machine, libraries) })
			}
			if checked != 7 { // two programs, the loader and four libraries
				t.Errorf("%d ELF files in the image, expected 7", checked)
			}
		})
	}
}

// unpackImage builds a room's image and returns the directory that holds its files.
func unpackImage(t *testing.T, room, arch string) string {
	t.Helper()
	dir := t.TempDir()
	for _, command := range [][]string{
		{"./build-image", room, arch, filepath.Join(dir, "image")},
		{"unsquashfs", "-no-progress", "-d", filepath.Join(dir, "root"), filepath.Join(dir, "image")},
	} {
		if said, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command[0], err, said)
		}
	}
	return filepath.Join(dir, "root")
}

// programs are the ELF files of an image, by their paths in the room.
func programs(t *testing.T, root string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		file, err := elf.Open(name)
		if format := new(elf.FormatError); errors.As(err, &format) {
			return nil
		} else if err != nil {
			return err
		}
		found = append(found, name[len(root):])
		return file.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func checkProgram(t *testing.T, root, name string, machine elf.Machine, libraries []string) {
	file, err := elf.Open(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if file.Machine != machine {
		t.Errorf("it is for %v", file.Machine)
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			loader := make([]byte, segment.Filesz-1) // without the NUL
			if _, err := segment.ReadAt(loader, 0); err != nil {
				t.Fatal(err)
			}
			checkFile(t, root, string(loader))
		}
		if (segment.Type == elf.PT_LOAD || segment.Type == elf.PT_GNU_STACK) && segment.Flags&(elf.PF_W|elf.PF_X) == elf.PF_W|elf.PF_X {
			t.Errorf("its %v at %#x is writable and executable", segment.Type, segment.Vaddr)
		}
	}
	for _, tag := range []elf.DynTag{elf.DT_TEXTREL, elf.DT_RPATH, elf.DT_RUNPATH} {
		if values, err := file.DynValue(tag); err != nil || len(values) > 0 {
			t.Errorf("it has %v, %v", tag, err)
		}
	}
	needed, err := file.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range needed {
		found := ""
		for _, dir := range libraries {
			if _, err := os.Lstat(filepath.Join(root, dir, library)); err == nil {
				found = path.Join(dir, library)
				break
			}
		}
		if found == "" {
			t.Errorf("it needs %s, which is not in the image", library)
			continue
		}
		checkFile(t, root, found)
	}
}

// checkFile wants a regular file at a path in the room, following links as the room would: none leads out.
func checkFile(t *testing.T, root, name string) {
	t.Helper()
	for range 8 {
		info, err := os.Lstat(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			return
		}
		if info.Mode().IsRegular() {
			return
		}
		target, err := os.Readlink(filepath.Join(root, name))
		if err != nil {
			t.Errorf("%s is neither a file nor a link: %v", name, err)
			return
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(name), target)
		}
		name = path.Clean(target)
	}
	t.Errorf("%s leads on and on", name)
}
