package probes

import (
	"path"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// imageAttributes are those of every room's root, which Bay0 mounts itself.
const imageAttributes = abi.MountReadOnly | abi.MountNoSUID | abi.MountNoDev

// attributesAt are those of the mount that name lies in.
func (r *room) attributesAt(name string) uint64 {
	found, attributes := "/", uint64(imageAttributes)
	for _, m := range r.Mounts {
		if beneath(name, m.Target) && len(m.Target) >= len(found) {
			found, attributes = m.Target, m.Attributes
		}
	}
	return attributes
}

// accessAt are the Landlock rights at name: a rule reaches all that is beneath it.
func (r *room) accessAt(name string) (access uint64) {
	access = abi.LandlockFS &^ r.Landlock.HandledFS
	for _, rule := range r.Landlock.Paths {
		if beneath(name, rule.Path) {
			access |= rule.Access
		}
	}
	return access
}

func beneath(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// change is the outcome of something that needs a right in the directory of name.
// The kernel asks the filter, then the mount, then Landlock (fs/namei.c).
func (r *room) change(name string, right uint64, calls ...string) string {
	dir := path.Dir(name)
	switch got := r.through(OK, calls...); {
	case got != OK:
		return got
	case r.attributesAt(dir)&abi.MountReadOnly != 0:
		return "EROFS"
	case r.accessAt(dir)&right != right:
		return "EACCES"
	}
	return OK
}

// changes are what can be done to a directory.
var changes = []struct {
	kind  Kind
	right uint64
	calls []string
}{
	{Create, policy.LandlockMakeReg | policy.LandlockWriteFile, []string{"openat"}},
	{MakeDir, policy.LandlockMakeDir, []string{"mkdirat"}},
	{Link, policy.LandlockMakeSym, []string{"symlinkat"}},
	{BindPath, policy.LandlockMakeSock, []string{"socket", "bind"}},
	{Truncate, policy.LandlockTruncate | policy.LandlockMakeReg, []string{"openat", "truncate"}},
	{Rename, policy.LandlockRefer | policy.LandlockMakeReg | policy.LandlockMakeDir, []string{"openat", "mkdirat", "renameat"}},
}

// paths tries every Landlock rule that is not for one node: at its path, beside it
// and above it.
func (r *room) paths() {
	for _, rule := range r.Landlock.Paths {
		if r.isNode(rule.Path) {
			continue
		}
		name := "path " + rule.Path
		if rule.Access&policy.LandlockReadDir != 0 {
			r.twin(name, probe(List, r.through(OK, "openat", "getdents64"), rule.Path), nil)
		}
		if rule.Path == "/" {
			r.imagePath(name)
		} else {
			r.directory(name, rule.Path)
		}
	}
}

func (r *room) isNode(name string) bool {
	for _, b := range r.Binds {
		if b.Target == name {
			return true
		}
	}
	return false
}

// imagePath tries the image, by the one file that is known to be in it.
func (r *room) imagePath(rule string) {
	program := r.Argv[0]
	access := r.accessAt(program)
	read, run := "EACCES", "EACCES"
	if access&policy.LandlockReadFile != 0 {
		read = OK
	}
	if access&policy.LandlockExecute != 0 {
		run = OK
	}
	r.twin(rule, probe(Open, r.through(read, "openat"), program, "r"), probe(Open, r.through("EROFS", "openat"), program, "w"))
	if r.may("clone", "execve", "wait4", "waitid") {
		r.twin(rule, probe(Run, run, program), nil)
	}
	for _, c := range changes {
		at := path.Join(path.Dir(program), "beside-the-program")
		if c.kind == Rename || c.kind == Truncate {
			continue // both begin by making a file
		}
		r.twin(rule, nil, probe(c.kind, r.change(at, c.right, c.calls...), at))
	}
}

// directory tries what can be done beneath a path that has a mount of its own, and
// the same beside and above it, which is another mount or the image.
func (r *room) directory(rule, dir string) {
	beside := path.Join(path.Dir(dir), "beside-"+path.Base(dir))
	for _, c := range changes {
		within := path.Join(dir, "probe-"+string(c.kind)) // one for each: nobody need be able to remove it
		at, away := within, beside
		if c.kind == Rename {
			at, away = dir, path.Dir(dir)
		}
		want := r.change(within, c.right, c.calls...)
		done, refused := probe(c.kind, want, at), probe(c.kind, r.change(beside, c.right, c.calls...), away)
		switch {
		case want == OK:
			r.twin(rule, done, refused)
		case c.kind == Create || c.kind == MakeDir || c.kind == Link:
			r.twin(rule, nil, done)
		}
	}
	if within := path.Join(dir, "probe"); r.change(within, policy.LandlockMakeReg, "openat") == OK {
		r.twin(rule, nil, probe(RunFile, r.through("EACCES", "execve"), within))
		r.twin(rule, nil, probe(MakeNode, r.through("EPERM", "mknodat"), within))
	}
}

// files tries those that Bay0 wrote: everybody may read them, and their owner is root.
func (r *room) files() {
	for _, f := range r.Files {
		r.twin("file "+f.Target, probe(Content, r.through(OK, "openat"), f.Target, f.Content),
			probe(Open, r.through("EACCES", "openat"), f.Target, "w"))
	}
}

// mountFlags tries every mount: the flags that statfs(2) tells, and a write where
// there is none to be.
func (r *room) mountFlags() {
	r.mountPoint("/", imageAttributes, r.makeAt("/"))
	for _, m := range r.Mounts {
		r.mountPoint(m.Target, m.Attributes, r.writeAt(m))
	}
	for _, b := range r.Binds {
		if b.Kind == policy.KindDevice {
			r.mountPoint(b.Target, b.Attributes, nil)
		}
	}
}

// ST_* of statfs(2) have the values of MOUNT_ATTR_* (include/linux/statfs.h,
// include/uapi/linux/mount.h).
func (r *room) mountPoint(target string, attributes uint64, neighbour *Probe) {
	const statfs = abi.MountReadOnly | abi.MountInert
	flags := probe(MountFlags, r.through(OK, "statfs"), target, strconv.FormatUint(attributes&statfs, 10))
	r.twin("mount "+target, flags, neighbour)
}

// writeAt writes to a mount that is read-only. Nobody can make files in /proc, but
// write to one of those that are the process's own.
func (r *room) writeAt(m policy.Mount) *Probe {
	switch {
	case m.Attributes&abi.MountReadOnly == 0:
		return nil
	case m.Type == "proc":
		return probe(Open, r.through("EROFS", "openat"), path.Join(m.Target, "self/comm"), "w")
	}
	return r.makeAt(m.Target)
}

func (r *room) makeAt(dir string) *Probe {
	name := path.Join(dir, "probe")
	return probe(Create, r.change(name, policy.LandlockMakeReg, "openat"), name)
}

// proc tries a /proc that holds processes only, and of those the room's own.
func (r *room) proc() {
	for _, m := range r.Mounts {
		if m.Type != "proc" {
			continue
		}
		rule, self := "processes "+m.Target, path.Join(m.Target, "self/status")
		r.twin(rule, probe(Open, r.through(OK, "openat"), self, "r"), probe(Processes, r.through(Absent, "openat", "getdents64")))
		if hasOption(m, "subset", "pid") {
			for _, name := range []string{"sys/kernel/hostname", "cmdline", "kallsyms", "sysrq-trigger", "kmsg"} {
				r.twin(rule, nil, probe(Open, r.through("ENOENT", "openat"), path.Join(m.Target, name), "r"))
			}
		}
	}
}

func hasOption(m policy.Mount, key, value string) bool {
	for _, o := range m.Options {
		if o.Key == key && o.Value == value {
			return true
		}
	}
	return false
}
