package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/policy"
)

// printer writes aligned "label  value" lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = printable(text)
		}
	}
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// printable escapes what a terminal would take for a command: what is inspected
// may want to look like something else.
func printable(text string) string {
	var s strings.Builder
	for _, r := range text {
		if strconv.IsPrint(r) {
			s.WriteRune(r)
		} else {
			quoted := strconv.QuoteRuneToASCII(r)
			s.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return s.String()
}

func (p *printer) field(label, format string, args ...any) {
	p.printf("%-14s%s\n", label, fmt.Sprintf(format, args...))
}

// rows prints a list with its label before the first entry.
func (p *printer) rows(label string, n int, row func(i int) string) {
	for i := range n {
		p.printf("  %-12s%s\n", label, row(i))
		label = ""
	}
}

func (p *printer) row(label, format string, args ...any) {
	p.rows(label, 1, func(int) string { return fmt.Sprintf(format, args...) })
}

func (p *printer) policy(v *policyReport) {
	p.field("policy", "%s, %d bytes", v.Digest, v.Size)
	p.field("architecture", "%v", v.Architecture)
	p.field("version", "%d, floor %d", v.Version, v.Floor)
	p.field("boots with", "%s", v.CommandLine)
	p.field("on failure", "%s", v.OnFailure)
	p.field("needs", "Landlock ABI %d, %s", v.LandlockABI, secureBootWord(v.SecureBoot))
	p.field("is good", "when what has to stay up has, for %d ms; the watchdog waits %d s", v.SettleMS, v.WatchdogS)
	p.field("seccomp", "%d instructions for Bay0 itself, sha256:%s", v.Filter.Instructions, v.Filter.SHA256)
	for i, n := range v.Invariants {
		label := ""
		if i == 0 {
			label = "while"
		}
		p.field(label, "%s", n.words())
	}
	for i := range v.Rooms {
		p.printf("\nroom %s\n", v.Rooms[i].Name)
		p.room(&v.Rooms[i])
	}
}

func (p *printer) room(r *roomReport) {
	p.row("program", "%s", quoteAll(r.Exec))
	p.rows("environment", len(r.Environment), func(i int) string { return strconv.Quote(r.Environment[i]) })
	p.row("runs as", "uid %d, gid %d%s in %s on host %s", r.UID, r.GID, groupWords(r.Groups), r.WorkingDirectory, r.Hostname)
	p.row("image", "%s", r.imageLine())
	p.row("if it fails", "%s; out of memory %+d", criticalWord(r.Critical), r.OOMScoreAdj)
	p.row("starts", "%s; again %s", afterWord(r.After), restartWord(r.Restart))
	p.row("logs", "%d lines at once, %d a second", r.Log.Burst, r.Log.PerSecond)
	p.row("is ready", "%s within %d ms", readyWord(r.Notify), r.StartTimeoutMS)
	p.row("is stopped", "by SIGTERM, and killed after %d ms", r.StopTimeoutMS)
	if r.WatchdogMS != 0 {
		p.row("is alive", "while it says WATCHDOG=1 every %d ms", r.WatchdogMS)
	}
	if len(r.Capabilities) > 0 {
		p.row("capabilities", "%s", strings.Join(r.Capabilities, " "))
	}
	p.row("namespaces", "%s", strings.Join(r.Namespaces, " "))
	p.rows("cgroup", len(r.Cgroup), func(i int) string { return r.Cgroup[i].File + " = " + r.Cgroup[i].Value })
	p.rows("limits", len(r.Rlimits), func(i int) string {
		l := r.Rlimits[i]
		return fmt.Sprintf("%s %s:%s", l.Resource, limitWord(l.Soft), limitWord(l.Hard))
	})
	p.rows("mounts", len(r.Mounts), func(i int) string {
		m := r.Mounts[i]
		return fmt.Sprintf("%-12s %-6s %s", m.Target, m.Type, strings.Join(append(m.Attributes, m.optionWords()...), ","))
	})
	p.rows("nodes", len(r.Binds), func(i int) string {
		b := r.Binds[i]
		return fmt.Sprintf("%-12s %s from %s, %s", b.Target, b.kindWord(), b.Source, strings.Join(b.Attributes, ","))
	})
	p.rows("files", len(r.Files), func(i int) string {
		return fmt.Sprintf("%-12s %q", r.Files[i].Target, r.Files[i].Content)
	})
	p.rows("sockets", len(r.Sockets), func(i int) string {
		s := r.Sockets[i]
		return fmt.Sprintf("%-12s %s for group %d at %s", s.Name, s.Type, s.GID, s.Path)
	})
	p.rows("landlock", len(r.Landlock), func(i int) string {
		l := r.Landlock[i]
		return fmt.Sprintf("%-12s %s", l.Path, strings.Join(l.Access, " "))
	})
	p.rows("tcp ports", len(r.Ports), func(i int) string {
		return fmt.Sprintf("%-12d %s", r.Ports[i].Port, strings.Join(r.Ports[i].Access, " "))
	})
	p.row("seccomp", "%d instructions, sha256:%s", r.Filter.Instructions, r.Filter.SHA256)
}

func (i invariantReport) words() string {
	switch {
	case i.Absent:
		return i.Path + " is absent"
	case i.Text != nil:
		return fmt.Sprintf("%s is %q", i.Path, *i.Text)
	case *i.Min == *i.Max:
		return fmt.Sprintf("%s is %d", i.Path, *i.Min)
	}
	return fmt.Sprintf("%s is %d to %d", i.Path, *i.Min, *i.Max)
}

func (r *roomReport) imageLine() string {
	if r.Image == nil {
		return "none: this policy cannot boot"
	}
	return fmt.Sprintf("%s, %d bytes", r.Image.Digest, r.Image.Size)
}

func (m mountReport) optionWords() (words []string) {
	if m.Partition != "" {
		words = append(words, "PARTLABEL="+m.Partition)
	}
	for _, o := range m.Options {
		words = append(words, o.Key+"="+o.Value)
	}
	return words
}

func (b bindReport) kindWord() string {
	switch {
	case b.Device == "":
		return "socket"
	case b.GID == 0:
		return "device " + b.Device
	}
	return fmt.Sprintf("device %s for group %d", b.Device, b.GID)
}

func secureBootWord(required bool) string {
	if required {
		return "Secure Boot"
	}
	return "Secure Boot or not"
}

func groupWords(gids []uint32) string {
	if len(gids) == 0 {
		return ""
	}
	return " and groups " + strings.Trim(fmt.Sprint(gids), "[]")
}

func afterWord(rooms []string) string {
	if len(rooms) == 0 {
		return "at once"
	}
	return "after " + strings.Join(rooms, " and ")
}

func restartWord(r restartReport) string {
	if r.Limit == 0 {
		return r.Mode
	}
	return fmt.Sprintf("%s, in %d to %d ms, %d times in a row", r.Mode, r.DelayMS, r.DelayMaxMS, r.Limit)
}

func criticalWord(critical bool) string {
	if critical {
		return "the machine fails"
	}
	return "the machine goes on"
}

func readyWord(notify bool) string {
	if notify {
		return "when it says READY=1,"
	}
	return "when it was started,"
}

func limitWord(n uint64) string {
	if n == policy.RlimitInfinity {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	return strings.Join(quoted, " ")
}
