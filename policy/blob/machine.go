package blob

import (
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// Invariant has the meaning of policy.Invariant.
type Invariant struct {
	v  *View
	at int
}

func (i Invariant) Path() []byte { return i.v.text(i.at + wire.InvariantPath) }
func (i Invariant) Text() []byte { return i.v.text(i.at + wire.InvariantText) }
func (i Invariant) Min() int64   { return int64(i.v.u64(i.at + wire.InvariantMin)) }
func (i Invariant) Max() int64   { return int64(i.v.u64(i.at + wire.InvariantMax)) }

func (i Invariant) Kind() abi.InvariantKind {
	return abi.InvariantKind(i.v.u32(i.at + wire.InvariantKind))
}
