package seccomp

import (
	"fmt"
	"slices"
	"testing"

	"github.com/anchor-os/anchor/policy/abi"
)

var auditArches = map[abi.Arch]uint32{abi.X8664: 0xc000003e, abi.AArch64: 0xc00000b7}

// everything allows all that can be allowed.
func everything() []string {
	return slices.DeleteFunc(Names(), func(name string) bool {
		_, forbidden := Forbidden(name)
		return forbidden
	})
}

func TestFilterAgreesWithTheModelOnEveryNumberAndBoundaryArgument(t *testing.T) {
	specs := map[string]Spec{
		"everything, TCP":        {Allow: everything(), Families: []string{"AF_UNIX", "AF_INET", "AF_INET6"}, Deny: DenyErrno},
		"everything, UDP, kill":  {Allow: everything(), Families: []string{"AF_INET6", "AF_NETLINK"}, UDP: true, Deny: DenyKill},
		"everything, executable": {Allow: everything(), ExecutableMemory: true, Families: []string{"AF_VSOCK"}, Deny: DenyErrno},
		"every second, kill":     {Allow: everySecond(), Families: []string{"AF_UNIX"}, Deny: DenyKill},
		"one call":               {Allow: []string{"exit_group"}, Deny: DenyErrno},
		"service":                {Allow: profile(t, "service"), Families: []string{"AF_UNIX"}, Deny: DenyErrno},
		"baseline, kill":         {Allow: profile(t, "baseline"), Deny: DenyKill},
	}
	for name, spec := range specs {
		for _, arch := range abi.Arches {
			t.Run(fmt.Sprint(name, " on ", arch), func(t *testing.T) {
				t.Parallel()
				agree(t, arch, spec)
			})
		}
	}
}

func everySecond() (names []string) {
	for i, name := range everything() {
		if i%2 == 0 {
			names = append(names, name)
		}
	}
	return names
}

func agree(t *testing.T, arch abi.Arch, spec Spec) {
	filter, want := interpret(t, compiled(t, arch, spec)), modelOf(arch, spec)
	for d := range inputs(arch) {
		if got := filter.answer(d); got != want.answer(d) {
			t.Fatalf("number %#x (%s) arch %#x args %#x: the filter answers %#x, the model %#x",
				d.number, want.names[d.number], d.arch, d.args, got, want.answer(d))
		}
	}
}

// restricted are the calls whose arguments matter: these see every boundary value
// in each of the arguments looked at, all others a few in all.
var restricted = []string{
	"clone", "ioctl", "memfd_create", "mmap", "mprotect", "personality", "pkey_mprotect", "prctl",
	"sendmmsg", "sendmsg", "sendto", "shmat",
}

// inputs yields the whole of the numbers that any table has, numbers at the
// boundaries, foreign architectures, and for each restricted call the values where
// an answer could change.
func inputs(arch abi.Arch) func(yield func(data) bool) {
	native := auditArches[arch]
	return func(yield func(data) bool) {
		for _, number := range numbersToTry() {
			for _, audit := range []uint32{0, native ^ 0x80000000, native ^ 0x40000000, native + 1, 0xc000003e, 0xc00000b7, 0x40000003, 0x40000028, 0xffffffff} {
				if !yield(data{number: number, arch: audit}) {
					return
				}
			}
			for _, v := range []uint64{1, 0x7e020000, 1 << 32, 0xffffffff, 1<<64 - 1} {
				if !yield(data{number, native, [6]uint64{v, v, v, v, v, v}}) {
					return
				}
			}
		}
		for _, name := range restricted {
			number, ok := Number(arch, name)
			for position := 0; ok && position < 4; position++ {
				for _, value := range boundaryValues {
					d := data{number: number, arch: native}
					d.args[position] = value
					if !yield(d) {
						return
					}
				}
			}
		}
		for _, name := range []string{"socket", "socketpair"} {
			number, _ := Number(arch, name)
			for args := range socketArguments {
				if !yield(data{number, native, args}) {
					return
				}
			}
		}
	}
}

func numbersToTry() (numbers []uint32) {
	for n := range uint32(1024) {
		numbers = append(numbers, n, 0x40000000|n)
	}
	return append(numbers, 0x3ffffffe, 0x3fffffff, 0x7fffffff, 0x80000000, 0x80000001, 0xbfffffff, 0xc0000000, 0xfffffffe, 0xffffffff)
}

// boundaryValues has each bit alone, the neighbours of every value that a condition
// names, and all of them again below a dirty high half.
var boundaryValues = func() (values []uint64) {
	for bit := range 64 {
		values = append(values, 1<<bit, 1<<bit-1)
	}
	named := []uint64{
		0, 0x5412, 0x541c, 0x7e020000, 0x7e020080, 0x20000000, 0x8000, 0x53564d41, 0x59616d61,
		0x41555856, 0xffffffff, 2 | 4, 1 | 4, 1 | 2 | 4, 1 | 2, 4 | 0x10, 0x80, 0x01200011,
	}
	for option := range uint64(100) {
		named = append(named, option)
	}
	for _, v := range named {
		values = append(values, v, v+1, v-1, v|1<<32, v|0xffffffff<<32, v|1<<63)
	}
	return values
}()

// socketArguments yields families, types with their flags, and protocols, each
// with and without a dirty high half.
func socketArguments(yield func([6]uint64) bool) {
	dirty := []uint64{0, 1 << 32, 0xffffffff << 32}
	for family := range uint64(50) {
		for kind := range uint64(17) {
			for _, protocol := range []uint64{0, 1, 5, 6, 7, 16, 17, 18, 132, 136, 256, 262, 0xffffffff} {
				for _, high := range dirty {
					for _, flags := range []uint64{0, 0x10, 0x80000, 0x80800, 1 << 31} {
						if !yield([6]uint64{family | high, kind | flags | high, protocol | high}) {
							return
						}
					}
				}
			}
		}
	}
}

func FuzzFilterAgreesWithTheModel(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0xff}, uint8(0), uint32(56), uint64(0x10000000), uint64(0), uint64(0))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint8(0xff), uint32(16), uint64(0), uint64(0x15412), uint64(4))
	f.Add([]byte("any bytes choose some of the calls"), uint8(0x5a), uint32(41), uint64(2), uint64(1), uint64(262))
	f.Add([]byte{}, uint8(1), uint32(0), uint64(0), uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, choice []byte, options uint8, number uint32, a, b, c uint64) {
		spec := specFrom(choice, options)
		for _, arch := range abi.Arches {
			program, err := Compile(arch, spec)
			if (err == nil) == (program == nil) {
				t.Fatalf("%s: program of %d instructions, error %v", arch, len(program), err)
			}
			if err != nil {
				continue
			}
			filter, want := interpret(t, program), modelOf(arch, spec)
			for _, n := range []uint32{number, number % 512} {
				d := data{n, auditArches[arch], [6]uint64{a, b, c, a ^ b, b ^ c, a ^ c}}
				if got := filter.answer(d); got != want.answer(d) {
					t.Fatalf("%s: number %d args %#x: the filter answers %#x, the model %#x", arch, n, d.args, got, want.answer(d))
				}
			}
		}
	})
}

// specFrom lets each bit of choice allow one call, and takes the rest from options.
// Some of these Specs are faulty: they allow nothing, or UDP without its families.
func specFrom(choice []byte, options uint8) Spec {
	s := Spec{Deny: DenyErrno + Action(options&1), UDP: options&2 != 0, ExecutableMemory: options&4 != 0}
	for i, name := range everything() {
		if i/8 < len(choice) && choice[i/8]>>(i%8)&1 == 1 {
			s.Allow = append(s.Allow, name)
		}
	}
	for i, name := range []string{"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_VSOCK"} {
		if options>>(3+i)&1 == 1 {
			s.Families = append(s.Families, name)
		}
	}
	return s
}
