// Command cue stands in for cue, of which it knows one command: cue fmt [--check] FILE...
package main

import (
	"bytes"
	"fmt"
	"os"

	"cuelang.org/go/cue/format"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "fmt" {
		fmt.Println("cue: a stand-in that knows `cue fmt` alone")
		return
	}
	check, failed := false, false
	for _, name := range os.Args[2:] {
		if name == "--check" {
			check = true
		} else if err := write(name, check); err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// write formats one file, or says that it is not formatted.
func write(name string, check bool) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	formatted, err := format.Source(text)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case bytes.Equal(text, formatted):
		return nil
	case check:
		return fmt.Errorf("%s: not formatted", name)
	}
	return os.WriteFile(name, formatted, 0o666)
}
