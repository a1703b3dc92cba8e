package probes

import (
	"fmt"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// roomSockets tries the sockets between rooms: those that the room sees, and every
// other of the machine where it would be and where the machine has it.
func (r *room) roomSockets() {
	if !r.may("socket", "connect") {
		return
	}
	for _, provider := range r.machine.Rooms {
		for _, s := range provider.Sockets {
			r.roomSocket(s)
		}
	}
	r.twin("abstract sockets", nil, r.connect(abi.SocketStream, "@bay0"))
}

func (r *room) roomSocket(s policy.Socket) {
	target, granted := r.target(s)
	if granted != nil && r.member(s.GID) {
		r.twin("socket "+s.Name, granted, r.connect(s.Type, s.Path))
	} else if granted != nil {
		granted.Want = []string{"EACCES"} // it sees the node, and may not write to it
		r.twin("other sockets", nil, granted)
	} else {
		r.twin("other sockets", nil, r.connect(s.Type, target))
		r.twin("other sockets", nil, r.connect(s.Type, s.Path))
	}
	r.twin("abstract sockets", nil, r.connect(s.Type, "@"+s.Name))
}

// target is where the room sees a socket, or would.
func (r *room) target(s policy.Socket) (string, *Probe) {
	for _, b := range r.Binds {
		if b.Source == s.Path {
			return b.Target, probe(Connect, OK, fmt.Sprint(uint32(s.Type)), b.Target)
		}
	}
	return policy.SocketTarget(s.Name), nil
}

func (r *room) member(gid uint32) bool {
	for _, g := range r.Groups {
		if g == gid {
			return true
		}
	}
	return gid == r.GID
}

// scopeAbstractUnix is LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (landlock(7)).
const scopeAbstractUnix = 1 << 0

// connect is a try that nobody answers: there is no such path in the room. Abstract
// names belong to a network. In one of the room's own there is nobody; in the
// machine's, whoever listens under one is out of the room's reach.
func (r *room) connect(kind abi.SocketType, name string) *Probe {
	p := probe(Connect, "ENOENT", fmt.Sprint(uint32(kind)), name)
	if name[0] == '@' {
		p.Want = []string{"ECONNREFUSED"}
		if r.Namespaces&abi.CloneNewNet == 0 && r.Landlock.Scoped&scopeAbstractUnix != 0 {
			p.Want = append(p.Want, "EPERM")
		}
	}
	return p
}

// firstSocket is where inherited sockets begin (sd_listen_fds(3)).
const firstSocket = 3

// descriptors tries those that the room inherits: its sockets, and nothing else.
func (r *room) descriptors() {
	for i, s := range r.Sockets {
		r.twin("socket "+s.Name, probe(Inherited, r.through(OK, "getsockopt", "fcntl"), fmt.Sprint(firstSocket+i), fmt.Sprint(uint32(s.Type))), nil)
	}
	r.twin("descriptors", nil, probe(Left, Absent, fmt.Sprint(len(r.Sockets))))
}
