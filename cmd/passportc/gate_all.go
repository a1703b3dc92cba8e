package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/spf13/cobra"
)

// gateAll is one call of all gates.
type gateAll struct {
	dir, nixconf string
	lock         gateLock
	nix          gateNixConf
	bay0         gateBay0
	kernel       gateKernel
	out          findings
}

// judged is what one gate had to say.
type judged struct {
	gate    string
	faults  diag.List
	summary string
	err     error  // it could not judge
	absent  string // why there was nothing to judge
	took    time.Duration
}

func gateAllCommand() *cobra.Command {
	var g gateAll
	c := &cobra.Command{
		Use:   "all [DIR]",
		Short: "run every gate on a checkout",
		Long: `All runs every gate on DIR, a checkout, or on the current directory: kernel on
kernel/config-hardened, lock on flake.lock, flake on the .nix files, bay0 on cmd/bay0,
and nixconf on --nixconf, or on what Nix says where there is Nix.

Only two things are not judged without being a fault: lock and flake where there is no
flake.nix, and nixconf where there is no Nix and no file is named. A gate that could not
judge is not open: the call ends with 1, as with a finding.`,
		Example: `  passportc gate all --bay0 bin/bay0-arm64
  passportc gate all --nixconf nix.conf --base before`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.out.wanted(); err != nil {
				return err
			}
			g.dir = append(args, ".")[0]
			return g.report(c.OutOrStdout(), c.ErrOrStderr(), g.run())
		},
	}
	f := c.Flags()
	f.StringVar(&g.nixconf, "nixconf", "", "a nix.conf, or what nix config show --json writes, in the place of this machine's")
	g.nix.flags(c)
	f.StringVar(&g.lock.base, "base", "", "a checkout, or a flake.lock, to compare the lock with")
	f.StringArrayVar(&g.lock.allowed, "allow-input", nil, "an input of an input that may come in; may be repeated")
	f.StringArrayVar(&g.bay0.binaries, "bay0", nil, "a binary of Bay0 to judge; may be repeated")
	f.StringVar(&g.kernel.date, "date", "", "the day on which waivers are judged, as 2027-01-31")
	g.out.flags(c)
	return c
}

// run runs all gates.
func (g gateAll) run() (all []judged) {
	for _, gate := range []struct {
		name string
		run  func(*judged)
	}{{"kernel", g.runKernel}, {"lock", g.runLock}, {"nixconf", g.runNixConf}, {"flake", g.runFlake}, {"bay0", g.runBay0}} {
		o := judged{gate: gate.name}
		start := time.Now()
		gate.run(&o)
		o.took = time.Since(start)
		all = append(all, o)
	}
	return all
}

func (g gateAll) runKernel(o *judged) {
	g.kernel.config = filepath.Join(g.dir, "kernel", "config-hardened")
	o.faults, o.summary, o.err = g.kernel.evaluate()
}

// noFlake notes that there is no flake, and so no lock and no expression to judge.
func (g gateAll) noFlake(o *judged) bool {
	if _, err := os.Stat(filepath.Join(g.dir, "flake.nix")); errors.Is(err, os.ErrNotExist) {
		o.absent = "there is no flake.nix"
		return true
	}
	return false
}

func (g gateAll) runLock(o *judged) {
	if g.noFlake(o) {
		return
	}
	g.lock.out = findings{format: "text", color: "auto"} // which this gate does not write
	if o.err = g.lock.wanted(g.dir); o.err != nil {
		return
	}
	needless, err := g.lock.evaluate()
	if o.faults, o.summary, o.err = g.lock.faults, g.lock.summary, err; err == nil && len(needless) > 0 {
		o.err = fmt.Errorf("--allow-input %s names nothing that came in", needless[0])
	}
	if g.lock.compares() {
		o.summary += "; " + g.lock.delta.Summary()
	}
}

func (g gateAll) runNixConf(o *judged) {
	var args []string
	if g.nixconf != "" {
		args = []string{g.nixconf}
	} else if _, err := exec.LookPath("nix"); err != nil {
		o.absent = "there is no nix here, and no file is named by --nixconf"
		return
	}
	o.faults, _, o.summary, o.err = g.nix.evaluate(args)
}

func (g gateAll) runFlake(o *judged) {
	if g.noFlake(o) {
		return
	}
	report, err := judgeFlake(g.dir)
	o.faults, o.summary, o.err = report.Faults, report.Summary(), err
}

func (g gateAll) runBay0(o *judged) {
	g.bay0.dir = g.dir
	_, report, summary, err := g.bay0.evaluate()
	o.faults, o.summary, o.err = report.Faults, summary, err
}

// report writes all findings, the table, and what could not be judged.
func (g gateAll) report(w, problems io.Writer, all []judged) error {
	var faults diag.List
	failed := false
	for _, o := range all {
		faults = append(faults, o.faults...)
		failed = failed || o.err != nil || o.faults.HasErrors()
	}
	if err := g.out.write(w, g.dir, faults); err != nil {
		return fmt.Errorf("cannot write the findings: %w", err)
	}
	if g.out.format == "text" { // the other formats have nothing else on stdout
		if err := writeJudged(w, all); err != nil {
			return err
		}
	}
	for _, o := range all {
		if o.err != nil {
			fmt.Fprintf(problems, "passportc: the gate %s could not judge: %v\n", o.gate, o.err)
		}
	}
	if failed {
		return exitCode(exitFindings)
	}
	return nil
}

// writeJudged writes the table: a line for each gate.
func writeJudged(w io.Writer, all []judged) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "gate\tverdict\tfindings\ttime\twhat")
	for _, o := range all {
		findings, what := fmt.Sprint(len(o.faults.Sorted())), o.summary
		if o.err != nil {
			findings, what = "-", "see below"
		} else if o.absent != "" {
			findings, what = "-", o.absent
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%.1f s\t%s\n", o.gate, o.verdict(), findings, o.took.Seconds(), what)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("cannot write the table: %w", err)
	}
	return nil
}

func (o judged) verdict() string {
	switch {
	case o.err != nil:
		return "COULD NOT JUDGE"
	case o.absent != "":
		return "not judged"
	case o.faults.HasErrors():
		return "refused"
	}
	return "open"
}
