package sys

import "fmt"

// InOrder takes steps one after the other, up to the first that fails.
func InOrder(steps []func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Step is a call whose error says what it was for: "cannot what: ...".
func Step(what string, call func() error) func() error {
	return func() error {
		if err := call(); err != nil {
			return fmt.Errorf("cannot %s: %w", what, err)
		}
		return nil
	}
}
