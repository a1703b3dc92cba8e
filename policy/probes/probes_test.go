package probes_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/probes"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/bpf"
)

var update = flag.Bool("update", false, "rewrite the goldens")

func filter(t testing.TB, arch abi.Arch, s seccomp.Spec) []abi.Instruction {
	t.Helper()
	program, err := seccomp.Compile(arch, s)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

const (
	inert     = abi.MountNoSUID | abi.MountNoDev | abi.MountNoExec
	readOnly  = policy.LandlockReadFile | policy.LandlockReadDir
	readWrite = abi.LandlockFS &^ (policy.LandlockExecute | policy.LandlockIoctlDev | policy.LandlockMakeChar | policy.LandlockMakeBlock)
)

// files are the calls by which a program uses files.
var files = []string{"openat", "getdents64", "unlinkat", "mkdirat", "symlinkat", "renameat", "truncate", "fallocate", "pwrite64", "statfs", "ioctl"}

// processes are those by which it has children and asks for its limits.
var processes = []string{"clone", "execve", "wait4", "waitid", "kill", "mmap", "madvise", "mprotect", "prlimit64", "fcntl", "read", "uname"}

// sockets are those by which it talks.
var sockets = []string{"socket", "bind", "connect", "sendto", "getsockopt"}

// machine has a room with a grant of each kind, one with nothing but a program, and
// one that a refused call ends.
func machine(t testing.TB) policy.Policy {
	landlock := policy.Landlock{HandledFS: abi.LandlockFS, HandledNet: abi.LandlockNet, Scoped: abi.LandlockScopes,
		Paths: []policy.PathRule{{Path: "/", Access: readOnly | policy.LandlockExecute}}}
	least := policy.Room{
		Name: "least", Hostname: "least", Argv: []string{"/bin/least"}, Directory: "/", UID: 10001, GID: 10001,
		Namespaces: abi.RoomNamespaces | abi.CloneNewNet, Landlock: landlock,
		Filter: filter(t, abi.AArch64, seccomp.Spec{Allow: []string{"execve", "openat"}, Deny: seccomp.DenyErrno}),
	}
	killed := least
	killed.Name, killed.UID, killed.GID = "killed", 10002, 10002
	killed.Filter = filter(t, abi.AArch64, seccomp.Spec{Allow: slices.Concat(files, processes), Deny: seccomp.DenyKill})
	most := least
	most.Name, most.Hostname, most.Argv, most.Namespaces = "most", "host", []string{"/bin/most", "a b"}, abi.RoomNamespaces
	most.Files = []policy.File{{Target: "/run/resolv.conf", Content: "nameserver 10.0.2.3\n"}}
	most.Environment, most.Groups = []string{"A=b"}, []uint32{20001, 20002}
	most.Filter = filter(t, abi.AArch64, seccomp.Spec{Allow: slices.Concat(files, processes, sockets),
		Families: []string{"AF_UNIX", "AF_INET", "AF_INET6"}, UDP: true, Deny: seccomp.DenyErrno})
	most.Mounts = []policy.Mount{
		{Target: "/dev", Type: "tmpfs", Attributes: inert | abi.MountReadOnly},
		{Target: "/proc", Type: "proc", Attributes: inert | abi.MountReadOnly, Options: []policy.Option{{Key: "subset", Value: "pid"}}},
		{Target: "/tmp", Type: "tmpfs", Attributes: inert, Options: []policy.Option{{Key: "size", Value: "1048576"}}},
		{Target: "/volume", Type: "ext4", Attributes: inert | abi.MountReadOnly, Partition: "files"},
	}
	most.Binds = []policy.Bind{
		{Target: "/dev/hwrng", Source: "/dev/hwrng", Attributes: abi.MountNoSUID | abi.MountNoExec, Kind: policy.KindDevice, Major: 10, Minor: 183, GID: 20002},
		{Target: "/run/sockets/letters", Source: "/run/rooms/killed/sockets/letters", Attributes: inert, Kind: policy.KindSocket},
	}
	most.Landlock.Paths = append(slices.Clone(landlock.Paths),
		policy.PathRule{Path: "/dev/hwrng", Access: policy.LandlockReadFile},
		policy.PathRule{Path: "/tmp", Access: readWrite}, policy.PathRule{Path: "/volume", Access: readOnly})
	most.Landlock.Ports = []abi.PortRule{{Port: 443, Access: policy.LandlockConnectTCP}, {Port: 444, Access: policy.LandlockConnectTCP | policy.LandlockBindTCP}}
	most.Cgroup = []policy.Setting{{File: "memory.max", Value: "16777216"}, {File: "pids.max", Value: "16"}}
	most.Rlimits = []abi.Rlimit{{Resource: policy.RlimitCore}, {Resource: policy.RlimitNoFile, Soft: 256, Hard: 256}}
	killed.Sockets = []policy.Socket{{Name: "letters", Path: "/run/rooms/killed/sockets/letters", Type: abi.SocketDatagram, GID: 20001}}
	return policy.Policy{Arch: abi.AArch64, Rooms: []policy.Room{killed, least, most}}
}

func derive(t testing.TB, p policy.Policy) []probes.Room {
	t.Helper()
	rooms, err := probes.Derive(p)
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}

func TestTableOfAMachine(t *testing.T) {
	var got bytes.Buffer
	if err := probes.Write(&got, derive(t, machine(t))); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/machine.txt"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// One thing granted more or less moves the edge, and with it the twins of that
// thing alone.
func TestTwinsFollowThePolicy(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*policy.Room)
		rule   string
		want   []string
	}{
		"port beside a granted one that is granted too": {
			func(r *policy.Room) {}, "tcp connect 443",
			[]string{"tcp connect 443: ok or ECONNREFUSED, tcp connect 442: EACCES", "-, tcp connect 445: EACCES"},
		},
		"lowest port": {
			func(r *policy.Room) {
				r.Landlock.Ports = []abi.PortRule{{Port: 1, Access: policy.LandlockConnectTCP}}
			},
			"tcp connect 1", []string{"tcp connect 1: ok or ECONNREFUSED, tcp connect 2: EACCES"},
		},
		"memory that is slowed down before its end": {
			func(r *policy.Room) {
				r.Cgroup = []policy.Setting{{File: "memory.high", Value: "8192"}, {File: "memory.max", Value: "16384"}}
			},
			"memory.max", []string{"eat 4096: ok, -"},
		},
		"node that is not there": {
			func(r *policy.Room) { r.Binds = r.Binds[:1] }, "socket letters", nil,
		},
		"node of a group that the room is not in": {
			func(r *policy.Room) { r.Groups = nil }, "other sockets",
			[]string{"-, connect 2 /run/sockets/letters: EACCES"},
		},
		"device of a group that the room is not in": {
			func(r *policy.Room) { r.Groups = nil }, "device /dev/hwrng",
			[]string{"-, open /dev/hwrng r: EACCES", "-, open /dev/hwrng w: EACCES", "-, open /dev/hwrng rw: EACCES"},
		},
		"device that can be written to": {
			func(r *policy.Room) { r.Landlock.Paths[1].Access |= policy.LandlockWriteFile }, "device /dev/hwrng",
			[]string{"open /dev/hwrng r: ok, ioctl /dev/hwrng 0x80045200: EACCES", "open /dev/hwrng w: ok, -", "open /dev/hwrng rw: ok, -"},
		},
		"tmpfs without Landlock's right to make directories": {
			func(r *policy.Room) {
				r.Landlock.Paths[2].Access = policy.LandlockMakeReg | policy.LandlockWriteFile
			}, "path /tmp",
			[]string{"create /tmp/probe-create: ok, create /beside-tmp: EROFS", "-, mkdir /tmp/probe-mkdir: EACCES", "-, symlink /tmp/probe-symlink: EACCES",
				"-, run file /tmp/probe: EACCES", "-, mknod /tmp/probe: EPERM"},
		},
		"network of its own": {
			func(r *policy.Room) { r.Namespaces |= abi.CloneNewNet }, "network none", []string{"-, interfaces: absent"},
		},
		"capability": {
			func(r *policy.Room) { r.Capabilities = abi.CapNetBindService }, "capabilities", []string{
				"status CapEff 0000000000000400: ok, capability 21: EPERM", "status CapPrm 0000000000000400: ok, call setresuid(0xffffffffffffffff, 0x0, 0xffffffffffffffff): EPERM",
				"status CapInh 0000000000000400: ok, -", "status CapBnd 0000000000000400: ok, -", "status CapAmb 0000000000000400: ok, -",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := machine(t)
			c.change(&p.Rooms[2])
			if diff := cmp.Diff(c.want, twins(derive(t, p)[2], c.rule)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func twins(r probes.Room, rule string) (all []string) {
	say := func(p *probes.Probe) string {
		if p == nil {
			return "-"
		}
		return p.String() + ": " + p.Wanted()
	}
	for _, t := range r.Twins {
		if t.Rule == rule {
			all = append(all, say(t.Granted)+", "+say(t.Neighbour))
		}
	}
	return all
}

func TestFilterThatIsNoProgram(t *testing.T) {
	for name, c := range map[string]struct {
		filter []abi.Instruction
		want   string
	}{
		"empty":             {nil, "the filter ends without an answer"},
		"jump past its end": {[]abi.Instruction{{Op: 5, K: 1 << 31}}, "the filter ends without an answer"},
		"unknown opcode":    {[]abi.Instruction{{Op: 0xffff}}, "instruction 0 of the filter has opcode 0xffff"},
	} {
		t.Run(name, func(t *testing.T) {
			p := machine(t)
			p.Rooms[1].Filter = c.filter
			_, err := probes.Derive(p)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff("cannot derive probes of room least: "+c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The interpreter and x/net/bpf's are of one mind.
func TestAnswerIsThatOfAnotherInterpreter(t *testing.T) {
	for _, arch := range abi.Arches {
		for _, room := range machine(t).Rooms {
			vm := otherInterpreter(t, room.Filter)
			for number := uint32(0); number < 600; number++ {
				for _, args := range [][]uint64{nil, {2, 1, 6}, {1<<32 | 2, 2}, {0, 0x5412, 7, 0x20000000}, {^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}} {
					got, err := probes.Answer(room.Filter, arch, number, args...)
					want, failed := vm.Run(packet(arch, number, args))
					if err != nil || failed != nil || got != uint32(want) {
						t.Fatalf("%v %d%v: %#x (%v), want %#x (%v)", arch, number, args, got, err, want, failed)
					}
				}
			}
		}
	}
}

func otherInterpreter(t *testing.T, filter []abi.Instruction) *bpf.VM {
	t.Helper()
	raw := make([]bpf.RawInstruction, len(filter))
	for i := range filter {
		raw[i] = bpf.RawInstruction(filter[i])
	}
	instructions, all := bpf.Disassemble(raw)
	vm, err := bpf.NewVM(instructions)
	if err != nil || !all {
		t.Fatal(err)
	}
	return vm
}

// packet is struct seccomp_data with its words in the order that x/net/bpf reads.
func packet(arch abi.Arch, number uint32, args []uint64) []byte {
	b := binary.BigEndian.AppendUint32(nil, number)
	b = binary.BigEndian.AppendUint32(b, uint32(arch)|0xc0000000)
	b = append(b, make([]byte, 8)...)
	for i := range 6 {
		value := uint64(0)
		if i < len(args) {
			value = args[i]
		}
		b = binary.BigEndian.AppendUint32(b, uint32(value))
		b = binary.BigEndian.AppendUint32(b, uint32(value>>32))
	}
	return b
}

// The numbers are the compiler's, which come from the kernel by another way.
func TestNumbers(t *testing.T) {
	known := 0
	for _, name := range seccomp.Names() {
		for _, arch := range abi.Arches {
			if got, ok := probes.Number(arch, name); ok {
				known++
				if want, _ := seccomp.Number(arch, name); got != want {
					t.Errorf("%s has number %d on %v, want %d", name, got, arch, want)
				}
			}
		}
	}
	if known < 150 {
		t.Errorf("only %d numbers are known", known)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte{0x20, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var program []abi.Instruction
		for ; len(b) >= 8 && len(program) < abi.MaxInstructions; b = b[8:] {
			program = append(program, abi.Instruction{Op: binary.LittleEndian.Uint16(b), Jt: b[2], Jf: b[3], K: binary.LittleEndian.Uint32(b[4:])})
		}
		if answer, err := probes.Answer(program, abi.AArch64, 1, 2); err != nil && answer != 0 {
			t.Errorf("answer %#x beside error %v", answer, err)
		}
	})
}
