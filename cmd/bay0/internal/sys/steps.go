package sys

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Cannot says what an error kept from being done: "cannot what: ...". Without an error,
// which for a raw system call is the number 0, there is none.
func Cannot(err error, what string, args ...any) error {
	if err == nil || err == unix.Errno(0) {
		return nil
	}
	return fmt.Errorf("cannot "+what+": %w", append(args, err)...)
}

// Step is a call whose error says what it was for.
func Step(what string, call func() error) func() error {
	return func() error { return Cannot(call(), what) }
}

// InOrder takes steps one after the other, up to the first that fails.
func InOrder(steps []func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
