package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
	shipped "github.com/anchor-os/anchor/kernel"
	"github.com/anchor-os/anchor/release/gate/kernel"
	"github.com/spf13/cobra"
)

// gateKernel is one call of the kernel's gate.
type gateKernel struct {
	config, cmdline, source, live, diff, rules, date string
	out                                              findings
}

func gateKernelCommand() *cobra.Command {
	var g gateKernel
	c := &cobra.Command{
		Use:   "kernel [--config FILE] [--cmdline FILE] [--live] | --diff OLD NEW",
		Short: "judge a kernel's configuration, command line and running state",
		Long: `Kernel holds a kernel against the rules of kernel/hardening.hcl, which are built
in: its configuration, as make olddefconfig writes it; its command line; and with
--live what a running kernel tells of itself, its sysctls among it. What is not
given is not judged, and the summary counts it.

Each finding is at the line that is at fault and names the rule, with what goes
wrong without it and who asks for it. A rule can be waived, for a year at most; a
waiver that has expired, or that nothing needs, is a finding too.

With --source, an option that no Kconfig file of the kernel's source defines is a
finding, whether it stands in the configuration or in a rule.

With --diff, it judges two configurations and says what lies between them: each
option that changed with the rules that judge it, and each rule whose verdict
changed. A rule that the change breaks is a finding, and so is a waiver that does
not hold. In text and json it lists the changes; in sarif and github, findings only.`,
		Example: `  passportc gate kernel --config kernel/config-hardened
  passportc gate kernel --config kernel/config-hardened --format sarif > kernel.sarif
  passportc gate kernel --diff kernel/config-hardened kernel/config-hardened`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := g.wanted(args); err != nil {
				return err
			}
			debug.SetGCPercent(400) // as with check: a call ends before most of its garbage would matter
			if g.diff != "" {
				return g.compare(c, args[0])
			}
			return g.judge(c)
		},
	}
	f := c.Flags()
	f.StringVar(&g.config, "config", "", "the configuration to judge, a whole .config")
	f.StringVar(&g.cmdline, "cmdline", "", "a file with the command line to judge")
	f.StringVar(&g.source, "source", "", "a directory with the kernel's source, to look up every option in")
	f.StringVar(&g.live, "live", "", "judge the running kernel, or the one whose proc and sys are below DIR")
	f.Lookup("live").NoOptDefVal = "/"
	f.StringVar(&g.diff, "diff", "", "compare the configuration OLD with the one that is the argument")
	f.StringVar(&g.rules, "rules", "", "a file of rules to judge by, in the place of those that are built in")
	f.StringVar(&g.date, "date", "", "the day on which waivers are judged, as 2027-01-31 (default: SOURCE_DATE_EPOCH's, or today)")
	g.out.flags(c)
	return c
}

// wanted checks that the flags and arguments go together.
func (g gateKernel) wanted(args []string) error {
	see := func(format string, a ...any) error {
		return &usageError{&hinted{fmt.Errorf(format, a...), "see 'passportc gate kernel --help'"}}
	}
	switch {
	case g.diff == "" && len(args) > 0:
		return see("unexpected argument %q", args[0])
	case g.diff != "" && len(args) == 0:
		return see("--diff compares two configurations and got one")
	case g.diff != "" && (g.config+g.cmdline+g.live+g.source != ""):
		return see("--diff compares configurations and nothing else")
	case g.diff == "" && g.config+g.cmdline+g.live == "":
		return see("nothing to judge: want --config, --cmdline or --live")
	case g.source != "" && g.config == "":
		return see("--source looks up the options of a configuration: want --config")
	}
	return g.out.wanted()
}

// judge is the gate itself.
func (g gateKernel) judge(c *cobra.Command) error {
	faults, summary, err := g.evaluate()
	if err != nil {
		return err
	}
	return g.out.summarized(c.OutOrStdout(), g.input(), faults, summary)
}

// input is what the summary is about.
func (g gateKernel) input() string { return cmp.Or(g.config, g.cmdline, g.live) }

// evaluate gives all that is wrong, and the whole in one line.
func (g gateKernel) evaluate() (diag.List, string, error) {
	rules, subject, faults, err := g.inputs()
	if err != nil || faults.HasErrors() {
		return faults, faults.Counts(), err
	}
	day, err := g.day()
	if err != nil {
		return nil, "", err
	}
	report := kernel.Judge(rules, subject, day)
	if err := report.Vacuous(); err != nil {
		return nil, "", vacuous(err)
	}
	if report.Faults, err = g.lookUp(report.Faults, rules, subject.Config); err != nil {
		return nil, "", err
	}
	return report.Faults, report.Summary(), nil
}

func vacuous(err error) error {
	return &hinted{err, "judge a kernel by rules that are for it, and by all that there is of it"}
}

// inputs reads all that is to be judged, and what is wrong with it already.
func (g gateKernel) inputs() (rules hardening.Rules, s kernel.Subject, faults diag.List, err error) {
	rules, faults, err = g.readRules()
	if err != nil {
		return rules, s, nil, err
	}
	if g.live != "" {
		s.Running, s.Root = os.DirFS(g.live), g.live
		var more diag.List
		s.Config, s.CommandLine, more = kernel.Running(s.Running, s.Root)
		faults = append(faults, more...)
		if s.Config == nil && g.config == "" && !faults.HasErrors() {
			return rules, s, nil, &hinted{errors.New("the running kernel does not show its configuration"), "name the one that it was built with by --config"}
		}
	}
	if g.config != "" {
		var more diag.List
		if s.Config, more, err = readConfig(g.config); err != nil {
			return rules, s, nil, err
		}
		faults = append(faults, more...)
	}
	if g.cmdline != "" {
		text, err := readRegularAtMost(g.cmdline, kernel.MaxCommandLine+1)
		if err != nil {
			return rules, s, nil, err
		}
		var more diag.List
		s.CommandLine, more = kernel.ReadCommandLine(g.cmdline, text)
		faults = append(faults, more...)
	}
	if s.Config != nil {
		s.Arch, s.Version = s.Config.Arch, s.Config.Version
	}
	return rules, s, faults, nil
}

func (g gateKernel) readRules() (hardening.Rules, diag.List, error) {
	name, text := shipped.HardeningName, shipped.Hardening
	if g.rules != "" {
		var err error
		if text, err = readRegularAtMost(g.rules, hardening.MaxSize); err != nil {
			return hardening.Rules{}, nil, err
		}
		name = g.rules
	}
	rules, faults := hardening.Read(name, text)
	return rules, faults, nil
}

func readConfig(path string) (*kernel.Config, diag.List, error) {
	text, err := readRegularAtMost(path, kernel.MaxConfig)
	if err != nil {
		return nil, nil, err
	}
	c, faults := kernel.ReadConfig(path, text)
	return c, faults, nil
}

// lookUp adds the options that the kernel's source does not know.
func (g gateKernel) lookUp(faults diag.List, rules hardening.Rules, c *kernel.Config) (diag.List, error) {
	if g.source == "" {
		return faults, nil
	}
	known, err := kernel.ReadSource(os.DirFS(g.source))
	if err != nil {
		return nil, fmt.Errorf("cannot read the kernel's source in %s: %w", g.source, err)
	}
	return append(faults, known.Unknown(rules, c)...), nil
}

// day is the one on which waivers are judged. A build that fixes its time by
// SOURCE_DATE_EPOCH gets the same verdict whenever it is repeated; a time long ago
// makes no waiver hold, since none may end more than a year ahead.
func (g gateKernel) day() (time.Time, error) {
	if g.date != "" {
		day, err := time.Parse(time.DateOnly, g.date)
		if err != nil {
			return day, &usageError{&hinted{fmt.Errorf("--date %q is no date", g.date), "write it as 2027-01-31"}}
		}
		return day, nil
	}
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return time.Now().UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, &usageError{fmt.Errorf("SOURCE_DATE_EPOCH is %q, want seconds since 1970", epoch)}
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// compare says what lies between two configurations.
func (g gateKernel) compare(c *cobra.Command, newer string) error {
	rules, faults, err := g.readRules()
	if err != nil {
		return err
	}
	var configs [2]*kernel.Config
	for i, path := range []string{g.diff, newer} {
		var more diag.List
		if configs[i], more, err = readConfig(path); err != nil {
			return err
		}
		faults = append(faults, more...)
	}
	if faults.HasErrors() {
		return g.out.report(c.OutOrStdout(), newer, faults)
	}
	day, err := g.day()
	if err != nil {
		return err
	}
	d := kernel.Compare(rules, configs[0], configs[1], day)
	if d.Vacuous != nil {
		return vacuous(d.Vacuous)
	}
	switch g.out.format {
	case "text":
	case "json":
		if err := d.WriteJSON(c.OutOrStdout()); err != nil {
			return err
		}
		if d.Faults.HasErrors() {
			return exitCode(exitFindings)
		}
		return nil
	default: // the other formats are of findings and nothing else
		return g.out.report(c.OutOrStdout(), newer, d.Faults)
	}
	if err := d.WriteText(c.OutOrStdout()); err != nil {
		return err
	}
	verdict := g.out.report(c.OutOrStdout(), newer, d.Faults)
	if _, err := fmt.Fprintf(c.OutOrStdout(), "%s → %s: %s\n", g.diff, newer, d.Summary()); err != nil {
		return err
	}
	return verdict
}
