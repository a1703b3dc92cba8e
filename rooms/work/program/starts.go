package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// countStart adds a line to the file of starts, whose lines are numbered from 1, makes sure that it is on
// the disk, reads it back, and returns its number. A line without its end is what a power cut left: it is
// overwritten.
func countStart(path string) (int, error) {
	before, whole, err := readStarts(path)
	if err != nil {
		return 0, err
	}
	if err := writeLine(path, whole, before+1); err != nil {
		return 0, err
	}
	after, _, err := readStarts(path)
	if err == nil && after != before+1 {
		err = fmt.Errorf("found %d lines, expected %d", after, before+1)
	}
	return after, err
}

// readStarts returns the number of whole lines and their length in bytes.
func readStarts(path string) (starts int, whole int64, err error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return 0, 0, err
	}
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		starts++
		whole += int64(len(line))
		if string(line) != strconv.Itoa(starts)+"\n" {
			return 0, 0, fmt.Errorf("line %d of %s is %q", starts, path, line)
		}
	}
	return starts, whole, nil
}

func writeLine(path string, at int64, number int) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := file.Truncate(at); err != nil {
		return err
	}
	if _, err := file.WriteAt(fmt.Appendln(nil, number), at); err != nil {
		return err
	}
	return file.Sync()
}
