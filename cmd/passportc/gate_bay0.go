package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/release/gate/bay0"
	"github.com/spf13/cobra"
)

// gateBay0 is one call of the gate on PID 1.
type gateBay0 struct {
	dir      string
	binaries []string
	out      findings
}

func gateBay0Command() *cobra.Command {
	var g gateBay0
	c := &cobra.Command{
		Use:   "bay0 [DIR] [--bay0 BIN]...",
		Short: "judge how large PID 1 is and what it can reach",
		Long: `Bay0 holds cmd/bay0 in DIR, a checkout, or the current directory without it, to its
law, cmd/bay0/law.hcl: its lines of code, counted over every package of this module
that it imports, without tests; the files that may use unsafe; the packages that it must
not reach; and the modules it uses, with their licences, in docs/DEPENDENCIES.md. It
asks go list, for arm64 and amd64, with GOFLAGS=-mod=readonly and GOWORK=off: what stands in
for a module, a replace, a vendor/ or a go.work, is refused, since nobody has read it.

With --bay0 it judges binaries too: they must be static, no larger than the law says, and
built of what was judged, without tags.

A line of code is one that is neither blank nor only comment, as tokei counts.`,
		Example: `  passportc gate bay0
  passportc gate bay0 --bay0 bin/bay0-arm64`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.out.wanted(); err != nil {
				return err
			}
			g.dir = append(args, ".")[0]
			return g.judge(c.OutOrStdout())
		},
	}
	c.Flags().StringArrayVar(&g.binaries, "bay0", nil, "a binary of Bay0 to judge; may be repeated")
	g.out.flags(c)
	return c
}

func (g gateBay0) judge(w io.Writer) error {
	law, report, summary, err := g.evaluate()
	if err != nil {
		return err
	}
	if g.out.format == "text" && report.Lines > 0 {
		if err := report.WriteText(w, law); err != nil {
			return err
		}
	}
	return g.out.summarized(w, bay0.Entry, report.Faults, summary)
}

// evaluate gives all that is wrong, and the whole in one line.
func (g gateBay0) evaluate() (*bay0.Law, bay0.Report, string, error) {
	law, faults, err := g.law()
	if err != nil || faults.HasErrors() {
		return law, bay0.Report{Faults: faults}, faults.Counts(), err
	}
	s := bay0.Subject{Law: law, Files: os.DirFS(g.dir), Root: g.dir}
	if s.Modules, err = g.modules(); err != nil {
		return law, bay0.Report{}, "", err
	}
	s.Packages, err = bay0.List(g.dir)
	if errors.Is(err, exec.ErrNotFound) {
		err = &hinted{errors.New("there is no go here to list packages"), "install Go, or judge in nix develop"}
	}
	if err != nil {
		return law, bay0.Report{}, "", err
	}
	for _, name := range g.binaries {
		text, err := readAtMost(name, bay0.MaxBinary)
		if err != nil {
			return law, bay0.Report{}, "", err
		}
		s.Binaries = append(s.Binaries, bay0.Binary{Name: name, Bytes: text})
	}
	report, err := bay0.Judge(s)
	if err != nil {
		return law, report, "", fmt.Errorf("cannot judge %s: %w", bay0.Entry, err)
	}
	what := "no binary given"
	if n := len(g.binaries); n > 0 {
		what = count(n, "binary", "binaries")
	}
	return law, report, report.Summary(law) + "; " + what, nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (g gateBay0) law() (*bay0.Law, diag.List, error) {
	name := filepath.Join(g.dir, bay0.Entry, "law.hcl")
	text, err := readAtMost(name, bay0.MaxLaw)
	if err != nil {
		return nil, nil, err
	}
	law, faults := bay0.ReadLaw(name, text)
	return law, faults, nil
}

func (g gateBay0) modules() ([]bay0.Module, error) {
	name := filepath.Join(g.dir, bay0.ModulesFile)
	text, err := readAtMost(name, bay0.MaxModules)
	if err != nil {
		return nil, err
	}
	if len(text) > bay0.MaxModules {
		return nil, fmt.Errorf("%s has more than %d bytes", name, bay0.MaxModules)
	}
	return bay0.ReadModules(name, text), nil
}
