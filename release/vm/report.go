package vm

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Room is what a console says of one room: its state by Bay0's lines, the rest by its own report, if it
// makes one. A room that was started again is as it was last.
type Room struct {
	Name   string
	State  State
	Reason string        // why it is not ready
	Ready  time.Duration // from its start to its readiness; 0: it never was
	Memory int64         // bytes in use when every room had come up or failed; 0: unknown

	Reported bool     // it has used its grants and tried their neighbours, with these counts
	Grants   int      // grants that worked
	Denials  int      // neighbours that were refused
	Wrong    int      // neither
	Probes   []Probe  // in the order of its lines
	Faults   []string // the lines of the wrong ones
}

// State is the state of a room, in a word.
type State string

const (
	Ready      State = "ready"
	Failed     State = "failed"     // for good
	Ended      State = "ended"      // its program has ended as a program does
	Restarting State = "restarting" // its program has ended, and will be started again
)

var (
	roomLine   = lazyregexp.New(`^room ([a-z0-9-]+): (.*)$`)
	readyText  = lazyregexp.New(`^ready in (\d+) ms$`)
	memoryLine = lazyregexp.New(`^\{"room":"([a-z0-9-]+)","state":"ready","memory_kib":(\d+)\}$`)
	failedText = lazyregexp.New(`^failed: (.*)$`)
	againText  = lazyregexp.New(`^(.*); restart \d+ in \S+$`)
	endedText  = lazyregexp.New(`^it ended with status 0$`)
	reportText = lazyregexp.New(`^report: (\d+) grants used, (\d+) neighbours denied, (\d+) wrong$`)
	verdict    = lazyregexp.New(`^verdict: (\d+) of (\d+) rooms ready, `)
)

// Verdict reads the line with which Bay0 says that every room has come up or failed.
func (l Line) Verdict() (ready, rooms int, ok bool) {
	source, text, _ := l.Message()
	m := verdict.FindStringSubmatch(text)
	if source != "bay0" || m == nil {
		return 0, 0, false
	}
	return number(m[1]), number(m[2]), true
}

// Rooms are the rooms that Bay0 speaks of, by name.
func Rooms(lines []Line) []Room {
	found := map[string]*Room{}
	for _, line := range lines {
		source, text, _ := line.Message()
		if m := roomLine.FindStringSubmatch(text); source == "bay0" && m != nil {
			if found[m[1]] == nil {
				found[m[1]] = &Room{Name: m[1]}
			}
			found[m[1]].hearBay0(m[2])
		} else if m := memoryLine.FindStringSubmatch(text); source == "bay0" && m != nil && found[m[1]] != nil {
			found[m[1]].Memory = int64(number(m[2])) << 10
		}
	}
	for _, line := range lines {
		if source, text, _ := line.Message(); found[source] != nil {
			found[source].hear(text)
		}
	}
	var rooms []Room
	for _, room := range found {
		rooms = append(rooms, *room)
	}
	slices.SortFunc(rooms, func(a, b Room) int { return cmp.Compare(a.Name, b.Name) })
	return rooms
}

// hearBay0 takes what Bay0 says of the room.
func (r *Room) hearBay0(text string) {
	if m := readyText.FindStringSubmatch(text); m != nil {
		r.State, r.Reason, r.Ready = Ready, "", time.Duration(number(m[1]))*time.Millisecond
	} else if m := failedText.FindStringSubmatch(text); m != nil {
		r.State, r.Reason = Failed, m[1]
	} else if m := againText.FindStringSubmatch(text); m != nil {
		r.State, r.Reason = Restarting, m[1]
	} else if endedText.MatchString(text) {
		r.State, r.Reason = Ended, text
	}
}

// hear takes what the room itself says. A probe belongs to the report that comes after it.
func (r *Room) hear(text string) {
	if p, ok := readProbe(text); ok {
		if r.Reported {
			r.Reported, r.Probes, r.Faults = false, nil, nil
		}
		if r.Probes = append(r.Probes, p); p.Wrong {
			r.Faults = append(r.Faults, text)
		}
	} else if m := reportText.FindStringSubmatch(text); m != nil {
		r.Reported, r.Grants, r.Denials, r.Wrong = true, number(m[1]), number(m[2]), number(m[3])
	}
}

// number reads digits; those that are no int count as the most there is.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return int(^uint(0) >> 1)
	}
	return n
}
