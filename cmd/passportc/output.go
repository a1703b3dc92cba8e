package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/anchor-os/anchor/compiler/diag"
)

// report prints what was found and returns the error that ends the command.
// Findings go to stdout if they are what was asked for, in the format asked for.
func report(w io.Writer, format string, faults diag.List) error {
	var err error
	switch format {
	case "json":
		err = faults.WriteJSON(w)
	default:
		err = faults.WriteText(w, colour(w))
	}
	if err != nil {
		return fmt.Errorf("cannot write the findings: %w", err)
	}
	if faults.HasErrors() {
		return exitCode(exitFindings)
	}
	return nil
}

// colour reports whether w is a terminal that wants colour (no-color.org).
func colour(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// wantFormat checks the value of --format.
func wantFormat(format string) error {
	if format != "text" && format != "json" {
		return &usageError{&hinted{fmt.Errorf("unknown format %q", format), "want text or json"}}
	}
	return nil
}

// writeFile puts data at path whole or not at all: whoever reads path, at any
// time and after any crash, finds the old file or the new one.
func writeFile(path string, data []byte) error {
	err := wantReplaceable(path)
	if err == nil {
		err = replaceFile(path, data)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, unwrapPath(err))
	}
	return nil
}

// wantReplaceable refuses what a rename would destroy: a device, a pipe, a link.
func wantReplaceable(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwrapPath(err)
	case !info.Mode().IsRegular():
		return errors.New("it is there and no regular file")
	}
	return nil
}

func replaceFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil { // whatever the umask: the same result everywhere
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDirectory(dir)
}

// syncDirectory makes a rename in dir last (fsync(2), NOTES).
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
