package seccomp

import (
	"testing"

	"golang.org/x/net/bpf"

	"github.com/anchor-os/anchor/policy/abi"
)

// typical is what a small server asks of the kernel while it serves: how often out
// of a hundred calls each is made.
var typical = map[string]int{
	"read": 18, "write": 17, "futex": 16, "epoll_pwait": 14, "nanosleep": 7, "accept4": 4,
	"close": 4, "epoll_ctl": 4, "getsockname": 2, "setsockopt": 4, "openat": 3, "fstat": 2,
	"madvise": 2, "mmap": 1, "tgkill": 1, "rt_sigreturn": 1,
}

// linear is the filter that one would write by hand: the calls one after the other.
func linear(b *testing.B, arch abi.Arch, names []string) []abi.Instruction {
	b.Helper()
	code := []bpf.Instruction{
		bpf.LoadAbsolute{Off: 4, Size: 4}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArches[arch], SkipTrue: 1},
		bpf.RetConstant{Val: killed}, bpf.LoadAbsolute{Off: 0, Size: 4},
	}
	for _, name := range names {
		if number, ok := Number(arch, name); ok {
			code = append(code, bpf.JumpIf{Cond: bpf.JumpEqual, Val: number, SkipFalse: 1}, bpf.RetConstant{Val: allowed})
		}
	}
	raw, err := bpf.Assemble(append(code, bpf.RetConstant{Val: 0x50000 | 1}))
	if err != nil {
		b.Fatal(err)
	}
	var program []abi.Instruction
	for _, i := range raw {
		program = append(program, abi.Instruction(i))
	}
	return program
}

// BenchmarkTypicalService reports how many instructions a typical call costs.
func BenchmarkTypicalService(b *testing.B) {
	spec := Spec{Allow: profile(b, "service"), Families: []string{"AF_UNIX", "AF_INET"}, Deny: DenyErrno}
	for _, arch := range abi.Arches {
		for name, program := range map[string][]abi.Instruction{
			"search": compiled(b, arch, spec),
			"linear": linear(b, arch, spec.Allow),
		} {
			b.Run(arch.String()+"/"+name, func(b *testing.B) {
				filter := interpret(b, program)
				var steps, calls int
				for b.Loop() {
					steps, calls = 0, 0
					for call, weight := range typical {
						number, _ := Number(arch, call)
						_, n := filter.run(data{number: number, arch: auditArches[arch]})
						steps, calls = steps+weight*n, calls+weight
					}
				}
				b.ReportMetric(float64(steps)/float64(calls), "instructions/call")
			})
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	spec := Spec{Allow: profile(b, "service"), Families: []string{"AF_UNIX", "AF_INET"}, Deny: DenyErrno}
	for b.Loop() {
		if _, err := Compile(abi.AArch64, spec); err != nil {
			b.Fatal(err)
		}
	}
}
