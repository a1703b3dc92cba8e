package probe

import (
	"os"
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"
)

// Performer carries out probes that were derived from a policy elsewhere, as `passportc probes` lists them.
type Performer struct {
	Descriptors []string // found open at the start, see Begin
}

// Perform does one, and tells what came of it in a word: "ok", the name of an errno, "absent", "killed", or
// what else there is to say.
func (p Performer) Perform(kind string, args []string) string {
	do, known := acts[kind]
	if !known {
		return "there is no act " + kind
	}
	if err := do(p, args); err != nil {
		return name(err)
	}
	return "ok"
}

// words are the arguments of a probe, which are texts and numbers.
type words []string

func (a words) text(i int) string {
	if i < len(a) {
		return a[i]
	}
	return ""
}

// number is 0 where there is none: what comes of that is not what was to come.
func (a words) number(i int) uintptr {
	n, _ := strconv.ParseUint(a.text(i), 0, 64)
	return uintptr(n)
}

func (a words) int(i int) int { return int(a.number(i)) }

// numbers are those from i on.
func (a words) numbers(i int) (all []uintptr) {
	for ; i < len(a); i++ {
		all = append(all, a.number(i))
	}
	return all
}

// acts are the kinds of probes, by what package policy/probes calls them.
var acts = map[string]func(Performer, words) error{
	"open":        func(_ Performer, a words) error { return Open(a.text(0), modes[a.text(1)])() },
	"create":      func(_ Performer, a words) error { return Create(a.text(0))() },
	"mkdir":       func(_ Performer, a words) error { return makeDirectory(a.text(0))() },
	"symlink":     func(_ Performer, a words) error { return makeLink(a.text(0)) },
	"rename":      func(_ Performer, a words) error { return moveInto(a.text(0)) },
	"truncate":    func(_ Performer, a words) error { return truncate(a.text(0)) },
	"bind":        func(_ Performer, a words) error { return bindPath(a.text(0)) },
	"mknod":       func(_ Performer, a words) error { return MakeDevice(a.text(0))() },
	"list":        func(_ Performer, a words) error { _, err := os.ReadDir(a.text(0)); return err },
	"content":     func(_ Performer, a words) error { return hasContent(a.text(0), a.text(1)) },
	"run":         func(_ Performer, a words) error { return exec.Command(a.text(0), child).Run() },
	"run file":    func(_ Performer, a words) error { return RunFile(a.text(0))() },
	"mount flags": func(_ Performer, a words) error { return hasFlags(a.text(0), int64(a.int(1))) },
	"ioctl":       func(_ Performer, a words) error { return ioctl(a.text(0), a.number(1)) },
	"call":        func(_ Performer, a words) error { return Call(a.number(1), a.numbers(2)...)() },
	"killed call": func(_ Performer, a words) error { return callInChild(a.number(1), a.numbers(2)) },
	"sweep":       func(_ Performer, a words) error { return sweep(a) },
	"map":         func(_ Performer, a words) error { return mapPage(a.int(0))() },
	"protect":     func(_ Performer, a words) error { return protectPage(a.int(0)) },
	"socket":      func(_ Performer, a words) error { return openSocket(a.number(0), a.number(1), a.number(2)) },
	"tcp connect": func(_ Performer, a words) error { return connectTCP(a.int(0)) },
	"tcp bind":    func(_ Performer, a words) error { return bindTCP(a.int(0)) },
	"fast open":   func(_ Performer, a words) error { return sendTo(unix.SOCK_STREAM, unix.MSG_FASTOPEN, a.int(0)) },
	"udp send":    func(_ Performer, a words) error { return sendTo(unix.SOCK_DGRAM, 0, a.int(0)) },
	"connect":     func(_ Performer, a words) error { return connectUnix(a.int(0), a.text(1)) },
	"inherited":   func(_ Performer, a words) error { return isSocket(a.int(0), a.int(1)) },
	"eat":         func(_ Performer, a words) error { return eatInChild(a.int(0)) },
	"fork":        func(_ Performer, a words) error { return forkWithThreads(a.int(0)) },
	"files":       func(_ Performer, a words) error { return openTooMany(a.int(0)) },
	"fill":        func(_ Performer, a words) error { return fill(a.text(0), int64(a.int(1))) },
	"limit":       func(_ Performer, a words) error { return hasLimit(a.int(0), uint64(a.number(1)), uint64(a.number(2))) },
	"raise limit": func(_ Performer, a words) error { return raiseLimit(a.int(0))() },
	"status":      func(_ Performer, a words) error { return hasStatus(a.text(0), a.text(1)) },
	"capability":  func(_ Performer, a words) error { return raiseCapability(a.int(0)) },
	"hostname":    func(_ Performer, a words) error { return hasHostname(a.text(0)) },
	"processes":   func(Performer, words) error { return foreignProcesses() },
	"cgroup":      func(_ Performer, a words) error { return seesCgroup(a.text(0)) },
	"interfaces":  func(Performer, words) error { return foreignInterfaces() },
	"descriptors": func(p Performer, a words) error { return Room{Sockets: a.int(0)}.foreignDescriptors(p.Descriptors) },
	"start":       func(_ Performer, a words) error { return wasStarted(a.text(0), a[1:]) },
}
