package probes

import (
	"fmt"
	"strconv"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/names"
)

// limits tries every resource limit at its edge, and past it.
func (r *room) limits() {
	if !r.may("prlimit64") {
		return
	}
	for _, l := range r.Rlimits {
		rule, resource := "limit "+names.Rlimit(l.Resource), fmt.Sprint(l.Resource)
		granted := probe(Limit, OK, resource, number(l.Soft), number(l.Hard))
		r.twin(rule, granted, r.raise(l, resource))
		if l.Resource == policy.RlimitNoFile && r.may("fcntl") {
			r.twin(rule, nil, probe(Files, "EMFILE", number(l.Soft)))
		}
	}
}

// raise takes CAP_SYS_RESOURCE, if there is anything above.
func (r *room) raise(l abi.Rlimit, resource string) *Probe {
	if l.Hard == policy.RlimitInfinity {
		return nil
	}
	return probe(Raise, "EPERM", resource)
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// exhaustion tries what the control group and the tmpfs limit: a part of it, and
// more than all of it.
func (r *room) exhaustion() {
	for _, m := range r.Mounts {
		if m.Type == "tmpfs" && r.change(m.Target+"/probe", policy.LandlockMakeReg|policy.LandlockWriteFile, "openat", "unlinkat", "fallocate", "pwrite64") == OK {
			r.fill(m)
		}
	}
	if r.may("clone", "wait4", "mmap", "madvise") {
		r.eat()
	}
	if r.may("clone", "wait4", "kill") {
		r.fork()
	}
}

func (r *room) fill(m policy.Mount) {
	for _, o := range m.Options {
		if size, err := strconv.ParseUint(o.Value, 10, 64); err == nil && o.Key == "size" {
			r.twin("size of "+m.Target, probe(Fill, OK, m.Target, number(size/2)), probe(Fill, "ENOSPC", m.Target, number(size+4096)))
		}
	}
}

func (r *room) setting(file string) (uint64, bool) {
	for _, s := range r.Cgroup {
		if n, err := strconv.ParseUint(s.Value, 10, 64); err == nil && s.File == file {
			return n, true
		}
	}
	return 0, false
}

// eat goes past the limit only where the kernel does not slow the room down before
// (memory.high): that takes minutes.
func (r *room) eat() {
	most, limited := r.setting("memory.max")
	if !limited {
		return
	}
	beyond := probe(Eat, Killed, number(2*most))
	if _, slowed := r.setting("memory.high"); slowed {
		beyond = nil
	}
	r.twin("memory.max", probe(Eat, OK, number(most/4)), beyond)
}

// fork leaves the program the tasks that it has itself: a Go program has up to a
// dozen.
func (r *room) fork() {
	if most, limited := r.setting("pids.max"); limited {
		r.twin("pids.max", probe(Fork, OK, "1"), probe(Fork, "EAGAIN", number(most)))
	}
}
