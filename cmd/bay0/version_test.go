package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Bay0 that is not a machine's first program says what it is, if it is asked that and
// nothing else, and else does nothing.
func TestBay0OutsideItsMachine(t *testing.T) {
	program, err := buildBay0For(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bay0")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		Stdout, Stderr string
		Status         int
	}
	version := outcome{Stdout: "bay0 for policy format 1.0, Landlock ABI 6, linux/" + runtime.GOARCH + "\n"}
	refusal := outcome{Stderr: "bay0: cannot run: it is the first program of a machine, started by the kernel\n", Status: 2}
	for name, c := range map[string]struct {
		arguments []string
		want      outcome
	}{
		"asked for its version":      {[]string{"--version"}, version},
		"no argument":                {nil, refusal},
		"unknown argument":           {[]string{"--help"}, refusal},
		"argument that is empty":     {[]string{""}, refusal},
		"version and something else": {[]string{"--version", "--version"}, refusal},
		"what the kernel would say":  {[]string{"--", "--version"}, refusal},
		"name of a role":             {[]string{"launcher"}, refusal},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), path, c.arguments...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			if ended := new(exec.ExitError); err != nil && !errors.As(err, &ended) {
				t.Fatal(err)
			}
			got := outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
