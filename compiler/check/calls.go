package check

import (
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/compiler/source"
)

// launcherCalls are needed by the launcher itself, after the room's filter is in
// place: it starts the room's program.
var launcherCalls = []string{"execve"}

// calls judges the system-call rules of a passport.
func (l *language) calls(file *source.File) (faults diag.List) {
	section := file.Root.Find("system-calls")
	if section == nil {
		return nil
	}
	profile := ""
	if p := section.Find("profile"); p != nil {
		profile = p.Text
	}
	has, known := l.profiles[profile]
	seen := map[string]*source.Value{}
	for _, v := range namedCalls(section, "allow") {
		if fault := allowFault(v); fault.Code != 0 {
			faults = append(faults, fault)
		} else if known && slices.Contains(has, v.Text) {
			faults.Error(diag.NeedlessRule, v.Range, fmt.Sprintf("the profile %s allows %s already", diag.Quote(profile), diag.Quote(v.Text))).
				Hint = "remove this rule"
		}
		repeatedRule(&faults, seen, v)
	}
	for _, v := range namedCalls(section, "deny") {
		switch {
		case !seccomp.Known(v.Text):
			faults = append(faults, unknownCall(v))
		case slices.Contains(launcherCalls, v.Text):
			faults.Error(diag.NeededSystemCall, v.Range, diag.Quote(v.Text)+" cannot be denied").
				Detail = "The room's program itself is started with it, after the room's filter is in place."
		case known && !slices.Contains(has, v.Text):
			faults.Error(diag.NeedlessRule, v.Range, fmt.Sprintf("the profile %s has no %s to deny", diag.Quote(profile), diag.Quote(v.Text))).
				Detail = "What neither the profile nor a rule allows is denied."
		}
		repeatedRule(&faults, seen, v)
	}
	return faults
}

// namedCalls gives the names in the rules of one list.
func namedCalls(section *source.Value, list string) (names []*source.Value) {
	for _, rule := range itemsAt(section, list) {
		if v := textAt(rule, "call"); v != nil {
			names = append(names, v)
		}
	}
	return names
}

// allowFault tells why a system call can in no passport be allowed. The zero
// Diagnostic means that it can.
func allowFault(v *source.Value) diag.Diagnostic {
	if reason, forbidden := seccomp.Forbidden(v.Text); forbidden {
		return diag.Diagnostic{
			Severity: diag.Error, Code: diag.ForbiddenSystemCall, Subject: v.Range,
			Summary: diag.Quote(v.Text) + " can never be allowed",
			Detail:  "No room may use it: " + reason + ".",
		}
	}
	if !seccomp.Known(v.Text) {
		return unknownCall(v)
	}
	return diag.Diagnostic{}
}

func unknownCall(v *source.Value) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: diag.UnknownSystemCall, Subject: v.Range,
		Summary: "there is no system call " + diag.Quote(v.Text),
		Detail:  "Names are those of the kernel, which can differ from the functions of a library.",
		Hint:    diag.DidYouMean(v.Text, seccomp.Names()),
	}
}

func repeatedRule(faults *diag.List, seen map[string]*source.Value, v *source.Value) {
	if first := seen[v.Text]; first != nil {
		faults.Error(diag.RepeatedRule, v.Range, "a second rule for "+diag.Quote(v.Text)).
			Related = []diag.Related{{Message: "first named", Range: first.Range}}
		return
	}
	seen[v.Text] = v
}
