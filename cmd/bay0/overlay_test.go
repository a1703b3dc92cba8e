package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// sources are files of Bay0 by their paths below cmd/bay0, changed or added for one
// build (go help build, -overlay).
type sources map[string][]byte

// take has the source as it is, to be changed.
func (s sources) take(path string) error {
	content, err := os.ReadFile(path)
	s[path] = content
	return err
}

// add lays a file from elsewhere at path.
func (s sources) add(path, from string) error {
	content, err := os.ReadFile(from)
	s[path] = content
	return err
}

// insert puts text before the one place that reads as before.
func (s sources) insert(path, before, text string) error {
	parts := strings.Split(string(s[path]), before)
	if len(parts) != 2 {
		return fmt.Errorf("%s has %q %d times", path, before, len(parts)-1)
	}
	s[path] = []byte(parts[0] + text + before + parts[1])
	return nil
}

// build builds Bay0 for the machine, with the sources laid over its own.
func (s sources) build() ([]byte, error) { return s.buildFor("arm64") }

func (s sources) buildFor(goarch string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "bay0-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	replace := map[string]string{}
	for path, content := range s {
		original, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		other := filepath.Join(dir, strings.ReplaceAll(path, "/", "-"))
		if err := os.WriteFile(other, content, 0o600); err != nil {
			return nil, err
		}
		replace[original] = other
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return nil, err
	}
	return buildBay0For(goarch, "-overlay", file)
}

// inLauncher lays a file of testdata beside the launcher, under the name of its folder,
// and has the launcher make a call before it serves.
func (s sources) inLauncher(from, call string) error {
	const launcher = "internal/launch/launcher.go"
	if s[launcher] == nil {
		if err := s.take(launcher); err != nil {
			return err
		}
	}
	if err := s.add("internal/launch/"+filepath.Base(filepath.Dir(from))+".go", from); err != nil {
		return err
	}
	return s.insert(launcher, "	for {\n		m, err := role.Receive(l.governor)", "	"+call+"\n")
}

// buildInLauncher builds Bay0 with one such file and call.
func buildInLauncher(from, call string) ([]byte, error) {
	s := sources{}
	if err := s.inLauncher(from, call); err != nil {
		return nil, err
	}
	return s.build()
}

// failing adds to the launcher what does, once all rooms are up, what the first room's
// hostname says.
func (s sources) failing() error {
	return s.inLauncher("testdata/fault/launcher.go", "go fault(string(l.policy.Room(0).Hostname()))")
}

// reporting adds to that what says how the kernel sees the rooms.
func (s sources) reporting() error {
	if err := s.failing(); err != nil { // waitForVerdict is there
		return err
	}
	return s.inLauncher("testdata/state/launcher.go", "go reportState(l.policy)")
}

// trying adds to the governor what tries, once all rooms are up, what it has given
// up, if the first room's hostname wants that.
func (s sources) trying() error {
	const evidence = "internal/supervise/evidence.go"
	if err := s.take(evidence); err != nil {
		return err
	}
	if err := s.add("internal/supervise/fault.go", "testdata/fault/governor.go"); err != nil {
		return err
	}
	return s.insert(evidence, "	return sys.InOrder([]func() error{\n		func() error { return invariant.Check", "	s.fault()\n")
}
