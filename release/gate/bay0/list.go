package bay0

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// architectures are those that the program is built for.
var architectures = []string{"arm64", "amd64"}

// List asks Go for all packages that the program of a checkout reaches, on every
// architecture. It fails if Go would build them of anything but the checkout and the
// modules that go.mod requires and go.sum has the hashes of: what stands in for these,
// nobody has reviewed under that name. Where there is no Go, the error is
// exec.ErrNotFound.
func List(root string) (all []Package, err error) {
	for _, standIn := range []string{"go.work", "vendor"} {
		if _, err := os.Lstat(filepath.Join(root, standIn)); err == nil {
			return nil, fmt.Errorf("cannot list the packages of %s: there is a %s at the root, which puts other sources in the place of modules", Entry, standIn)
		}
	}
	for _, arch := range architectures {
		if all, err = list(root, arch, all); err != nil {
			return nil, fmt.Errorf("cannot list the packages of %s: %w", Entry, err)
		}
	}
	if err := genuine(root, all); err != nil {
		return nil, fmt.Errorf("cannot judge %s: %w", Entry, err)
	}
	return all, nil
}

// list asks for one architecture. What the caller's environment says of workspaces,
// vendor folders, tags and overlays does not count.
func list(root, arch string, known []Package) ([]Package, error) {
	c := exec.Command("go", "list", "-deps", "-json="+ListFields, "./"+Entry)
	c.Dir = root
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly")
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil && said.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	if err != nil {
		return nil, err
	}
	return ReadList(bytes.NewReader(out), known)
}

// genuine wants each package to be where its name says: one of the main module in its
// folder, and one of another module in no stand-in for it.
func genuine(root string, packages []Package) error {
	var main string
	for _, p := range packages {
		if p.folder() == Entry {
			main = p.Module.Path
		}
	}
	for _, p := range packages {
		switch {
		case p.Module == nil: // of the standard library
		case p.Module.Replace != nil:
			return fmt.Errorf("go.mod replaces %s by %s", p.Module.Path, strings.TrimSpace(p.Module.Replace.Path+" "+p.Module.Replace.Version))
		case p.own() && p.Module.Path != main:
			return fmt.Errorf("%s is of %s, a main module beside %s", p.ImportPath, p.Module.Path, main)
		case p.own() && !same(p.Dir, filepath.Join(root, p.folder())):
			return fmt.Errorf("the files of %s are in %s", p.ImportPath, p.Dir)
		}
	}
	return nil
}

// same reports whether two names are of one directory.
func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
