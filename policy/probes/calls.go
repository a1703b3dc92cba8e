package probes

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
)

// call is a system call with arguments by which nothing happens even if nobody
// refuses it. Itself is what the kernel then says to a room, an errno other than
// the filter's EPERM where there is one: so it shows who refused.
type call struct {
	name   string
	args   []uint64
	itself string
}

// kinds of calls: the first is one that most profiles have; the others are of its
// kind, and most or all profiles lack them. Which it is, the room's filter says.
var kinds = []struct {
	kind  string
	first call
	like  []call
}{
	{"namespaces", call{"clone", []uint64{cloneSigHand}, "EINVAL"}, namespaceCalls()},
	{"processes", call{"kill", []uint64{1, 0}, OK}, []call{
		{"ptrace", []uint64{2, 0x7fffffff}, "ESRCH"}, // PTRACE_PEEKDATA
		{"process_vm_readv", nil, "ENOSYS"},
		{"process_vm_writev", nil, "ENOSYS"},
		{"pidfd_getfd", []uint64{none, none}, "EBADF"},
		{"kcmp", nil, "ENOSYS"},
	}},
	{"file systems", call{"statfs", nil, "EFAULT"}, []call{
		{"mount", nil, "EFAULT"},
		{"umount2", nil, "EFAULT"},
		{"move_mount", nil, "EPERM"},
		{"open_tree", []uint64{none}, "EFAULT"},
		{"fsopen", nil, "EPERM"},
		{"fsmount", []uint64{none}, "EPERM"},
		{"mount_setattr", []uint64{none}, "EINVAL"},
		{"pivot_root", nil, "EPERM"},
		{"chroot", nil, "EFAULT"},
		{"swapon", nil, "ENOSYS"},
	}},
	{"files", call{"openat", []uint64{none}, "EFAULT"}, []call{
		{"open_by_handle_at", []uint64{none}, "EPERM"},
		{"mknodat", []uint64{none}, "EFAULT"},
	}},
	{"memory", call{"madvise", nil, OK}, []call{
		{"memfd_create", nil, "EFAULT"},
		{"userfaultfd", nil, "ENOSYS"},
		{"io_uring_setup", nil, "ENOSYS"},
	}},
	{"the kernel", call{"uname", nil, "EFAULT"}, []call{
		{"bpf", nil, "ENOSYS"},
		{"perf_event_open", nil, "ENOSYS"},
		{"init_module", nil, "ENOSYS"},
		{"finit_module", []uint64{none}, "ENOSYS"},
		{"kexec_load", nil, "ENOSYS"},
		{"syslog", []uint64{3}, "EPERM"}, // SYSLOG_ACTION_READ_ALL
		{"reboot", nil, "EPERM"},
		{"sethostname", []uint64{0, 1}, "EPERM"},
		{"setdomainname", []uint64{0, 1}, "EPERM"},
	}},
	{"clocks", call{"clock_gettime", []uint64{none}, "EINVAL"}, []call{
		{"clock_settime", []uint64{none}, "EINVAL"},
		{"settimeofday", nil, "EPERM"},
	}},
	{"keys", call{"getrandom", nil, OK}, []call{
		{"add_key", nil, "EFAULT"},
		{"request_key", nil, "EFAULT"},
		{"keyctl", []uint64{0, none}, "ENOKEY"},
	}},
	{"priorities", call{"sched_yield", nil, OK}, []call{
		{"setpriority", []uint64{0, 0, minusFive}, "EACCES"},
		{"sched_setscheduler", []uint64{0, 1}, "EINVAL"}, // SCHED_FIFO
	}},
	{"ioctl", call{"ioctl", []uint64{none, 0x5401}, "EBADF"}, []call{ // TCGETS
		{"ioctl", []uint64{none, tiocSTI}, "EBADF"},
		{"ioctl", []uint64{none, dirty | tiocSTI}, "EBADF"},
		{"ioctl", []uint64{none, tiocLinux}, "EBADF"},
	}},
	{"personality", call{"prctl", []uint64{3}, OK}, []call{ // PR_GET_DUMPABLE
		{"personality", []uint64{readImpliesExec}, OK},
		{"prctl", []uint64{prSetMM}, "EPERM"},
	}},
	{"numbers", call{"getpid", nil, OK}, []call{{"number 5000", nil, "ENOSYS"}}}, // which no kernel has
}

const (
	none      = ^uint64(0)     // no descriptor, no process, no clock
	minusFive = ^uint64(0) - 4 // a nice value
	// The kernel reads the low half only; a filter that reads all is fooled.
	dirty           = 1 << 32
	cloneSigHand    = 0x800 // without CLONE_VM it is EINVAL to the kernel: no process comes of it
	tiocSTI         = 0x5412
	tiocLinux       = 0x541c
	readImpliesExec = 0x400000
	prSetMM         = 35
	unknownNumber   = 5000
)

// Namespaces that a program could ask for. There is no user namespace in the
// kernel, and the others take CAP_SYS_ADMIN.
var namespaceFlags = []struct {
	name   string
	flag   uint64
	itself string
}{
	{"mnt", abi.CloneNewNS, "EPERM"}, {"cgroup", abi.CloneNewCgroup, "EPERM"},
	{"uts", abi.CloneNewUTS, "EPERM"}, {"ipc", abi.CloneNewIPC, "EPERM"},
	{"user", 0x10000000, "EINVAL"}, {"pid", abi.CloneNewPID, "EPERM"}, {"net", abi.CloneNewNet, "EPERM"},
}

func namespaceCalls() (all []call) {
	for _, n := range namespaceFlags {
		all = append(all, call{"clone", []uint64{cloneSigHand | n.flag}, "EINVAL"},
			call{"unshare", []uint64{n.flag}, n.itself})
	}
	return append(all, call{"setns", []uint64{none, 0}, "EBADF"}, call{"clone3", nil, "EINVAL"})
}

// calls tries each kind: a call that the filter lets through beside one that it
// does not.
func (r *room) calls() {
	for _, k := range kinds {
		granted := r.call(k.first)
		for _, c := range k.like {
			r.twin("system calls: "+k.kind, granted, r.call(c))
			granted = nil // once is enough
		}
	}
}

// call is a probe of one system call. One that ends the process is made by a
// child, if the room may have children.
func (r *room) call(c call) *Probe {
	number, known := Number(r.machine.Arch, c.name)
	if !known {
		number = unknownNumber
	}
	kind, want := Call, r.judgeNumber(c.itself, number, c.args...)
	if want == Killed {
		if kind = Kill; !r.may("clone", "wait4") {
			return nil
		}
	}
	p := probe(kind, want, c.name, strconv.FormatUint(uint64(number), 10))
	for _, a := range c.args {
		p.Args = append(p.Args, "0x"+strconv.FormatUint(a, 16))
	}
	return p
}

// executable tries memory that is written and executed. The filter judges PROT_*,
// the third argument.
func (r *room) executable() {
	const read, write, execute = 1, 2, 4
	const private = 0x22 // MAP_PRIVATE|MAP_ANONYMOUS
	mapped := func(protection uint64) *Probe {
		return probe(Map, r.judge(OK, "mmap", 0, 4096, protection, private), fmt.Sprint(protection))
	}
	protected := func(protection uint64) *Probe {
		return probe(Protect, r.judge(OK, "mprotect", 0, 4096, protection), fmt.Sprint(protection))
	}
	r.twin("executable memory", mapped(read|write), mapped(read|write|execute))
	r.twin("executable memory", protected(read), protected(read|execute))
}

// lastNumber is above every call of every supported kernel.
const lastNumber = 511

// sweep makes every call that the filter refuses with an error whatever it is
// asked for, each once.
func (r *room) sweep() {
	all := []uint64{none, none, none, none, none, none}
	numbers, order := map[string][]uint32{}, []string(nil)
	for n := range uint32(lastNumber + 1) {
		got := r.judgeNumber(OK, n, all...)
		if got == OK || got == Killed {
			continue
		}
		if numbers[got] == nil {
			order = append(order, got)
		}
		numbers[got] = append(numbers[got], n)
	}
	p := probe(Sweep, OK)
	for _, errno := range order {
		p.Args = append(p.Args, ranges(numbers[errno]), errno)
	}
	r.twin("system calls: all that are refused", nil, p)
}

// ranges writes ascending numbers as "0-3,5".
func ranges(numbers []uint32) string {
	var s strings.Builder
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if s.Len() > 0 {
			s.WriteByte(',')
		}
		fmt.Fprint(&s, numbers[i])
		if j > i {
			fmt.Fprintf(&s, "-%d", numbers[j])
		}
		i = j + 1
	}
	return s.String()
}
