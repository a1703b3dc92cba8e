package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/flake"
	"github.com/anchor-os/anchor/release/gate/jsontree"
	"github.com/anchor-os/anchor/release/gate/lock"
	"github.com/anchor-os/anchor/release/gate/nixlang"
	"github.com/spf13/cobra"
)

// gateLock is one call of the gate on locks.
type gateLock struct {
	lock, base     string
	sum, baseSum   string
	bill, baseBill string
	allowed        []string
	out            findings

	delta   lock.Delta
	faults  diag.List
	summary string
}

func gateLockCommand() *cobra.Command {
	g := gateLock{out: findings{also: "markdown"}}
	c := &cobra.Command{
		Use:   "lock [PATH] [--base OLD]",
		Short: "judge a flake.lock, and what changed in what the build takes from elsewhere",
		Long: `Lock judges a flake.lock. PATH is the file, or a directory with it; without one it
is the current directory. Each input must be locked by rev and narHash to the place
that was asked for; none may be a path or be looked up in a registry; and the lock
must be whole: no key twice, no circle, no node that nothing uses.

With --base it also compares: what was added, removed or moved, with revision and
date. Refused are another host, owner or repository under the same name, another
content or date of the same revision, an earlier date, and an input of an input that
came in and is not named by --allow-input (as tool/nixpkgs). What is not refused is
for people to review.

If PATH and OLD are directories, their go.sum files are compared as well; else
--go-sum and --base-go-sum name them. --bom and --base-bom name two bills of
materials: JSON objects with the versions of kernel, stub, go and squashfs-tools that
two builds used.

The formats json and markdown show the changes too; sarif and github only findings.`,
		Example: `  passportc gate lock
  passportc gate lock --base before
  passportc gate lock --base before --format markdown > delta.md
  passportc gate lock flake.lock --base before/flake.lock --bom bom.json --base-bom before/bom.json`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.wanted(append(args, ".")[0]); err != nil {
				return err
			}
			return g.judge(c.OutOrStdout())
		},
	}
	f := c.Flags()
	f.StringVar(&g.base, "base", "", "a flake.lock to compare with, or a directory with it")
	f.StringArrayVar(&g.allowed, "allow-input", nil, "an input of an input that may come in; may be repeated")
	f.StringVar(&g.sum, "go-sum", "", "a go.sum to compare with that of --base-go-sum")
	f.StringVar(&g.baseSum, "base-go-sum", "", "the go.sum before")
	f.StringVar(&g.bill, "bom", "", "a bill of materials to compare with that of --base-bom")
	f.StringVar(&g.baseBill, "base-bom", "", "the bill of materials before")
	g.out.flags(c)
	return c
}

// wanted checks that the flags and arguments go together, and finds the files.
func (g *gateLock) wanted(path string) error {
	see := func(format string, a ...any) error {
		return &usageError{&hinted{fmt.Errorf(format, a...), "see 'passportc gate lock --help'"}}
	}
	var dir, baseDir bool
	g.lock, dir = within(path, "flake.lock")
	if g.base != "" {
		var base string
		if base, baseDir = within(g.base, "flake.lock"); dir && baseDir && g.sum+g.baseSum == "" {
			g.sum, g.baseSum = filepath.Join(path, "go.sum"), filepath.Join(g.base, "go.sum")
		}
		g.base = base
	}
	switch {
	case len(g.allowed) > 0 && g.base == "":
		return see("--allow-input is about what came in since: want --base")
	case (g.sum == "") != (g.baseSum == ""):
		return see("--go-sum and --base-go-sum go together")
	case (g.bill == "") != (g.baseBill == ""):
		return see("--bom and --base-bom go together")
	case g.out.format == "markdown" && !g.compares():
		return see("markdown shows changes: want --base")
	}
	return g.out.wanted()
}

func (g *gateLock) compares() bool { return g.base+g.sum+g.bill != "" }

// within gives a file of a directory, or the path itself if it is no directory.
func within(path, file string) (string, bool) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return filepath.Join(path, file), true
	}
	return path, false
}

func (g *gateLock) judge(w io.Writer) error {
	needless, err := g.evaluate()
	if err != nil {
		return err
	}
	if err := g.report(w); err != nil {
		return err
	}
	if len(needless) > 0 {
		return &usageError{&hinted{fmt.Errorf("--allow-input %s names nothing that came in", needless[0]), "take it away, so that it lets in nothing later"}}
	}
	return nil
}

// evaluate notes what changed and all that is wrong. It gives those inputs that are
// allowed to come in and did not.
func (g *gateLock) evaluate() (needless []string, err error) {
	needless, err = g.locks()
	if err == nil && g.sum != "" {
		err = g.sums()
	}
	if err == nil && g.bill != "" {
		err = g.bills()
	}
	g.faults = append(g.faults, g.delta.Faults...)
	return needless, err
}

func readLock(path string) (*lock.Lock, error) {
	text, err := readAtMost(path, jsontree.MaxSize)
	if err != nil {
		return nil, err
	}
	return lock.Read(path, text), nil
}

// demand holds a lock against the flake.nix beside it, if there is one.
func demand(l *lock.Lock, path string) error {
	text, err := readAtMost(path, nixlang.MaxSize)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	l.Demand(flake.Inputs(text))
	return err
}

// locks judges the lock, and compares it with that of the base.
func (g *gateLock) locks() (needless []string, err error) {
	is, err := readLock(g.lock)
	if err != nil {
		return nil, err
	}
	if err := demand(is, filepath.Join(filepath.Dir(g.lock), "flake.nix")); err != nil {
		return nil, err
	}
	g.faults = append(g.faults, is.Faults...)
	g.summary = is.Summary()
	if g.base == "" {
		return nil, nil
	}
	was, err := readLock(g.base)
	switch {
	case err != nil:
		return nil, err
	case !was.Usable():
		g.faults = append(g.faults, was.Faults...)
	case is.Usable():
		needless = g.delta.CompareLocks(was, is, g.allowed)
	}
	return needless, nil
}

func (g *gateLock) sums() error {
	var sums [2]*lock.Sum
	for i, path := range []string{g.baseSum, g.sum} {
		text, err := readAtMost(path, lock.MaxSum)
		if err != nil {
			return err
		}
		sums[i] = lock.ReadSum(path, text)
		g.faults = append(g.faults, sums[i].Faults...)
	}
	g.delta.CompareSums(sums[0], sums[1])
	return nil
}

func (g *gateLock) bills() error {
	var bills [2]*lock.Bill
	for i, path := range []string{g.baseBill, g.bill} {
		text, err := readAtMost(path, jsontree.MaxSize)
		if err != nil {
			return err
		}
		bills[i] = lock.ReadBill(path, text)
		g.faults = append(g.faults, bills[i].Faults...)
	}
	g.delta.CompareBills(bills[0], bills[1])
	return nil
}

// report writes the changes and what is wrong with them.
func (g *gateLock) report(w io.Writer) error {
	faults := g.faults
	var err error
	switch {
	case g.out.format == "json" && g.compares():
		err = g.delta.WriteJSON(w, faults)
	case g.out.format == "markdown":
		err = g.delta.WriteMarkdown(w, faults)
	case g.out.format != "text":
		return g.out.report(w, g.lock, faults)
	default:
		if err = g.delta.WriteText(w); err == nil {
			err = g.out.write(w, g.lock, faults)
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "%s: %s\n", g.lock, g.summary)
		}
		if err == nil && g.compares() {
			_, err = fmt.Fprintf(w, "changes: %s\n", g.delta.Summary())
		}
	}
	if err != nil {
		return fmt.Errorf("cannot write the findings: %w", err)
	}
	if faults.HasErrors() {
		return exitCode(exitFindings)
	}
	return nil
}
