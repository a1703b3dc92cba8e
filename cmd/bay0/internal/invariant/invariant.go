// Package invariant judges the policy's invariants: what /proc and /sys say of the
// kernel's hardening, at boot and for as long as the machine runs.
package invariant

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

// Check reads every file that the policy names and reports the first that is not
// as it says.
func Check(v *blob.View) error {
	for i := range v.Invariants() {
		n := v.Invariant(i)
		content, err := os.ReadFile(string(n.Path()))
		if err := judge(n, content, err); err != nil {
			return err
		}
	}
	return nil
}

// judge compares the content of a file, or the error that reading it gave. What
// cannot be read is not as it should be, be it there or not.
func judge(n blob.Invariant, content []byte, err error) error {
	if n.Kind() == abi.InvariantAbsent {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("cannot accept %s: it is there, the policy wants it absent", n.Path())
	}
	if err != nil {
		return fmt.Errorf("cannot accept %s: %w", n.Path(), err)
	}
	content = bytes.TrimSuffix(content, []byte("\n"))
	switch got, err := strconv.ParseInt(string(content), 10, 64); {
	case n.Kind() == abi.InvariantText && !bytes.Equal(content, n.Text()):
		return fmt.Errorf("cannot accept %s: it is %.64q, the policy wants %q", n.Path(), content, n.Text())
	case n.Kind() != abi.InvariantText && (err != nil || got < n.Min() || got > n.Max()):
		return fmt.Errorf("cannot accept %s: it is %.64q, the policy wants %s", n.Path(), content, numbers(n.Min(), n.Max()))
	}
	return nil
}

func numbers(least, most int64) string {
	if least == most {
		return strconv.FormatInt(least, 10)
	}
	return fmt.Sprintf("%d to %d", least, most)
}
