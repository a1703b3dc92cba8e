package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/spf13/cobra"
)

// gateAll is one call of all gates.
type gateAll struct {
	dir, nixconf string
	without      []string // what is left out
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
	err     error // it could not judge
	missing error // there was nothing to judge; with a summary, only a part was judged
	left    bool  // it was left out
	took    time.Duration
}

// gates are all of them, and of bay0 what is judged of binaries: what can be left out.
var gates = []string{"kernel", "lock", "nixconf", "flake", "bay0", "binary"}

func gateAllCommand() *cobra.Command {
	var g gateAll
	c := &cobra.Command{
		Use:   "all [DIR]",
		Short: "run every gate on a checkout",
		Long: `All runs every gate on DIR, a checkout, or on the current directory: kernel on
kernel/config-hardened, lock on flake.lock, flake on the .nix files, bay0 on cmd/bay0 and
on the binaries that --bay0 names, and nixconf on --nixconf, or on what Nix says where
there is Nix.

A gate that could not judge, or that had nothing to judge, is not open: the call ends
with 1, as with a finding. Where there is no binary of Bay0, no flake or no Nix, --without
leaves out what would judge it, and the table says so.`,
		Example: `  passportc gate all --nixconf nix.conf --bay0 bin/bay0-arm64
  passportc gate all --nixconf nix.conf --base before --without binary`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.wanted(); err != nil {
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
	f.StringArrayVar(&g.without, "without", nil, "leave out a gate, or binary: what bay0 judges of --bay0; may be repeated")
	if err := c.RegisterFlagCompletionFunc("without", cobra.FixedCompletions(gates, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was defined just above
	}
	f.StringVar(&g.kernel.date, "date", "", "the day on which waivers are judged, as 2027-01-31")
	g.out.flags(c)
	return c
}

// wanted checks the values of the flags.
func (g gateAll) wanted() error {
	see := func(message string) error {
		return &usageError{&hinted{errors.New(message), "see 'passportc gate all --help'"}}
	}
	for _, name := range g.without {
		if err := wantOneOf("gate", name, gates); err != nil {
			return err
		}
	}
	switch {
	case g.leaves("binary") && len(g.bay0.binaries) > 0:
		return see("--bay0 names a binary, and --without leaves it out")
	case !slices.ContainsFunc(gates[:len(gates)-1], func(name string) bool { return !g.leaves(name) }):
		return see("every gate is left out")
	}
	return g.out.wanted()
}

func (g gateAll) leaves(name string) bool { return slices.Contains(g.without, name) }

// run runs all gates.
func (g gateAll) run() (all []judged) {
	for _, gate := range []struct {
		name string
		run  func(*judged)
	}{{"kernel", g.runKernel}, {"lock", g.runLock}, {"nixconf", g.runNixConf}, {"flake", g.runFlake}, {"bay0", g.runBay0}} {
		o := judged{gate: gate.name, left: g.leaves(gate.name)}
		if start := time.Now(); !o.left {
			gate.run(&o)
			o.took = time.Since(start)
		}
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
		o.missing = &hinted{errors.New("there is no flake.nix"), "name a checkout, or leave it out: --without " + o.gate}
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
		o.missing = &hinted{errors.New("there is no nix here"), "name a file by --nixconf, or leave it out: --without nixconf"}
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
	if len(g.bay0.binaries) == 0 && !g.leaves("binary") {
		o.missing = &hinted{errors.New("there is no binary, so nobody saw whether it is static and small"), "name one by --bay0, or leave it out: --without binary"}
	}
}

// report writes all findings, the table, and what could not be judged.
func (g gateAll) report(w, problems io.Writer, all []judged) error {
	var faults diag.List
	failed := false
	for _, o := range all {
		faults = append(faults, o.faults...)
		failed = failed || o.err != nil || o.missing != nil || o.faults.HasErrors()
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
		o.complain(problems)
	}
	if failed {
		return exitCode(exitFindings)
	}
	return nil
}

// complain says why a gate is not open without a finding, with the remedy.
func (o judged) complain(w io.Writer) {
	err := cmp.Or(o.err, o.missing)
	if err == nil {
		return
	}
	what := "could not judge"
	if o.err == nil {
		what = "has not judged"
		if o.summary != "" {
			what += " all"
		}
	}
	fmt.Fprintf(w, "passportc: the gate %s %s: %v\n", o.gate, what, err)
	if hint := (&hinted{}); errors.As(err, &hint) {
		fmt.Fprintf(w, "hint: %s\n", hint.hint)
	}
}

// writeJudged writes the table: a line for each gate.
func writeJudged(w io.Writer, all []judged) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "gate\tverdict\tfindings\ttime\twhat")
	for _, o := range all {
		findings, what := fmt.Sprint(len(o.faults.Sorted())), o.summary
		switch {
		case o.left:
			findings, what = "-", "by --without"
		case o.err != nil || o.summary == "":
			findings, what = "-", "see below"
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
	case o.left:
		return "left out"
	case o.err != nil:
		return "COULD NOT JUDGE"
	case o.faults.HasErrors():
		return "refused"
	case o.missing != nil && o.summary == "":
		return "NOT JUDGED"
	case o.missing != nil:
		return "JUDGED IN PART"
	}
	return "open"
}
