// Package probes derives from a policy what to try in each of its rooms: for each
// rule an access that must succeed, and beside it the nearest access that must
// fail. A room in which every pair comes out as written here enforces its policy
// at the edges that were tried; one in which the second of a pair succeeds, or the
// first fails, does not.
//
// Everything is computed from the policy as Bay0 gets it. What a system call gets is
// asked of an interpreter of the very filter in it, what a path gets is computed
// from its mounts and Landlock rules: no table of the compiler's has a say.
//
// The list is plain data, so that a program that knows nothing of policies can
// carry it out, and its order is always the same.
package probes

import (
	"fmt"

	"github.com/anchor-os/anchor/policy"
)

// Kind is what a probe does. What its arguments are stands behind each.
type Kind string

const (
	Open       Kind = "open"        // path, "r", "w" or "rw"
	Create     Kind = "create"      // path of a file that is not there
	MakeDir    Kind = "mkdir"       // path
	Link       Kind = "symlink"     // path
	Rename     Kind = "rename"      // directory, in which a file is made and moved into one made beside it
	Truncate   Kind = "truncate"    // path of a file that is made for it
	BindPath   Kind = "bind"        // path for a socket of AF_UNIX
	MakeNode   Kind = "mknod"       // path for another /dev/null
	List       Kind = "list"        // directory
	Content    Kind = "content"     // path, text
	Run        Kind = "run"         // path of the room's own program, as a child
	RunFile    Kind = "run file"    // path of a file that is made for it, and is no program
	MountFlags Kind = "mount flags" // path, ST_* that statfs(2) must tell
	Ioctl      Kind = "ioctl"       // path, request
	Call       Kind = "call"        // name, number, arguments: one system call
	Kill       Kind = "killed call" // the same, in a child that the call must end
	Sweep      Kind = "sweep"       // number and errno of system calls that are refused, in turns: "0-3,5", "EPERM"
	Map        Kind = "map"         // PROT_* of a page
	Protect    Kind = "protect"     // PROT_* of a page that could be written to before
	Socket     Kind = "socket"      // family, type, protocol
	TCPConnect Kind = "tcp connect" // port of 127.0.0.1
	TCPBind    Kind = "tcp bind"    // port
	FastOpen   Kind = "fast open"   // port of 127.0.0.1: TCP without connect(2)
	UDPSend    Kind = "udp send"    // port of 127.0.0.1
	Connect    Kind = "connect"     // SOCK_* and path, or "@" and abstract name, of AF_UNIX
	Inherited  Kind = "inherited"   // descriptor, SOCK_*
	Eat        Kind = "eat"         // bytes of memory, in a child
	Fork       Kind = "fork"        // number of processes at once
	Files      Kind = "files"       // number of the lowest descriptor that there cannot be
	Fill       Kind = "fill"        // directory, bytes to write into one file of it
	Limit      Kind = "limit"       // resource, soft and hard limit that it must have
	Raise      Kind = "raise limit" // resource
	Status     Kind = "status"      // field of /proc/self/status, its words
	Capability Kind = "capability"  // number, to be made effective
	Hostname   Kind = "hostname"    // that it must be
	Processes  Kind = "processes"   // others than the program's own in /proc
	Cgroup     Kind = "cgroup"      // path that the program must see as its own
	Interfaces Kind = "interfaces"  // of the network besides lo
	Left       Kind = "descriptors" // number of sockets that the program may find open besides 0, 1 and 2
	Start      Kind = "start"       // working directory, number of arguments, arguments, environment
)

// Outcomes besides the names of errnos.
const (
	OK     = "ok"
	Absent = "absent" // it was looked for and is not there
	Killed = "killed"
)

// Probe is one access and the outcomes that are right: more than one where it
// depends on what no policy says, such as whether somebody listens.
type Probe struct {
	Kind Kind     `json:"kind"`
	Args []string `json:"args"`
	Want []string `json:"want"`
}

// Twin is one rule with the access that it grants and the nearest that it does
// not. One of the two may be missing.
type Twin struct {
	Rule      string `json:"rule"`
	Granted   *Probe `json:"granted,omitempty"`
	Neighbour *Probe `json:"neighbour,omitempty"`
}

// Room is all that is to be tried in one room.
type Room struct {
	Name  string `json:"room"`
	Twins []Twin `json:"twins"`
}

// Derive gives the twins of every room of a policy that was checked or decoded, in
// the policy's order. An error is a filter that is no program of seccomp(2).
func Derive(p policy.Policy) ([]Room, error) {
	all := make([]Room, 0, len(p.Rooms))
	for i := range p.Rooms {
		r := &room{Room: p.Rooms[i], machine: p}
		if err := r.derive(); err != nil {
			return nil, fmt.Errorf("cannot derive probes of room %s: %w", r.Name, err)
		}
		all = append(all, Room{Name: r.Name, Twins: r.twins})
	}
	return all, nil
}

// room is a room under derivation.
type room struct {
	policy.Room
	machine policy.Policy
	twins   []Twin
	fault   error // the first of the interpreter's
}

func (r *room) derive() error {
	for _, part := range []func(){
		r.identity, r.privileges, r.paths, r.files, r.mountFlags, r.proc, r.devices, r.families, r.types, r.tcp, r.udp,
		r.roomSockets, r.descriptors, r.calls, r.executable, r.sweep, r.limits, r.exhaustion,
	} {
		part()
	}
	return r.fault
}

// twin adds a pair, without what the room's filter would end it for: that is tried
// by calls made for it, in children.
func (r *room) twin(rule string, granted, neighbour *Probe) {
	if granted = survivable(granted); granted != nil || survivable(neighbour) != nil {
		r.twins = append(r.twins, Twin{rule, granted, survivable(neighbour)})
	}
}

func survivable(p *Probe) *Probe {
	if p == nil || p.Kind != Kill && p.Kind != Eat && p.Want[0] == Killed {
		return nil
	}
	return p
}

func probe(kind Kind, want string, args ...string) *Probe {
	return &Probe{Kind: kind, Args: args, Want: []string{want}}
}

// or adds another outcome that is right too.
func (p *Probe) or(want string) *Probe {
	if p.Want[0] == OK {
		p.Want = append(p.Want, want)
	}
	return p
}
