package kernel

import (
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/hardening"
)

// shows reports whether there is anything to judge a sysctl by: the running kernel,
// or a command line that sets it or has to.
func (j *judge) shows(s hardening.Sysctl) bool {
	return j.Running != nil || j.CommandLine != nil && (s.Set || len(j.CommandLine.named(setter(s))) > 0)
}

// shower is what there could be to judge a sysctl by.
func shower(s hardening.Sysctl) string {
	if s.Set {
		return aCommandLine
	}
	return aRunningKernel
}

// sysctl judges a setting by the parameters that set it, and where it runs by what
// the kernel says. There, it does not matter who has set it.
func (j *judge) sysctl(s hardening.Sysctl) (faults diag.List) {
	if j.CommandLine != nil {
		p := hardening.Parameter{Rule: s.Rule, Want: s.Want, Optional: !s.Set || j.Running != nil}
		p.Name = setter(s)
		faults = j.parameter(p)
	}
	if j.Running != nil {
		faults = append(faults, j.running(s.Rule, s.Path(), s.Want, diag.SysctlWrong)...)
	}
	return faults
}

// setter is the parameter that sets a sysctl, as a word's name is kept.
func setter(s hardening.Sysctl) string { return parameterName("sysctl." + s.Name) }

// parameterName is a name as it is compared: the kernel takes - for _, but in the name
// of a sysctl / for . instead (kernel: kernel/params.c, dash2underscore;
// fs/proc/proc_sysctl.c, process_sysctl_arg).
func parameterName(s string) string {
	if strings.HasPrefix(s, "sysctl.") || strings.HasPrefix(s, "sysctl/") {
		return strings.ReplaceAll(s, "/", ".")
	}
	return strings.ReplaceAll(s, "-", "_")
}
