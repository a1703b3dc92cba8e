package main_test

import (
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// edit compiles the shipped policy with one thing changed.
func (u unit) edit(t testing.TB, change func(*policy.Policy)) unit {
	t.Helper()
	v, err := blob.Decode(u.passports)
	if err != nil {
		t.Fatal(err)
	}
	p := encode.Policy(v)
	change(&p)
	if u.passports, err = encode.Encode(p); err != nil {
		t.Fatal(err)
	}
	v, err = blob.Decode(u.passports)
	if err != nil {
		t.Fatal(err)
	}
	u.own = v.CommandLine()
	return u
}

// A room that cannot be built as its policy says is not started at all, and the
// one line says at which step and why.
func TestRoomThatCannotBeBuiltIsRefused(t *testing.T) {
	room := func(change func(*policy.Room)) func(*policy.Policy) {
		return func(p *policy.Policy) { change(&p.Rooms[0]) }
	}
	for name, c := range map[string]struct {
		change func(*policy.Policy)
		want   string
	}{
		"program that is not there": {
			room(func(r *policy.Room) { r.Argv[0] = "/bin/none" }),
			"cannot execute the program: no such file or directory",
		},
		"working directory that is not there": {
			room(func(r *policy.Room) { r.Directory = "/home" }),
			"cannot enter the working directory: no such file or directory",
		},
		"mount point that is not in the image": {
			room(func(r *policy.Room) { r.Mounts[0].Target = "/data" }),
			"cannot mount tmpfs on /data: no such file or directory",
		},
		"mount option that the kernel does not know": {
			room(func(r *policy.Room) { r.Mounts[0].Options[0].Key = "frob" }),
			"cannot mount tmpfs on /dev: option frob=0: invalid argument",
		},
		"device of another number": {
			room(func(r *policy.Room) { r.Binds[1].Minor = 4 }),
			"cannot bind /dev/null to /dev/null: it is device 0x103, the policy wants 0x104",
		},
		"node of another kind": {
			room(func(r *policy.Room) { r.Binds[1].Kind, r.Binds[1].Major, r.Binds[1].Minor = policy.KindSocket, 0, 0 }),
			"cannot bind /dev/null to /dev/null: it has file type 0o20000, the policy wants 0o140000",
		},
		"limit that the kernel does not keep": {
			room(func(r *policy.Room) { r.Cgroup[2].Value = "67108865" }),
			`cannot set the limit /sys/fs/cgroup/web/memory.max to "67108865": it reads "67108864"`,
		},
		"filter that the kernel refuses": {
			room(func(r *policy.Room) { r.Filter = []abi.Instruction{{Op: 0xffff}} }),
			"cannot load the seccomp filter: invalid argument",
		},
		"Landlock rule for nothing": {
			room(func(r *policy.Room) { r.Landlock.Paths[6].Path = "/tmq" }),
			"cannot grant 0x77be beneath /tmq: no such file or directory",
		},
		"readiness that does not come in time": {
			room(func(r *policy.Room) { r.StartTimeout = 1 }),
			"it was not ready within 1ms",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := oneRoom(t).edit(t, c.change).boot(t)
			if diff := cmp.Diff("refused: critical room web failed: "+c.want+"; reset", first(result, "bay0", "refused: ")); diff != "" {
				t.Errorf("%s\n%s", diff, result.Text())
			}
			if result.Ending != vm.Reset {
				t.Errorf("the machine ended by %v, want a reset", result.Ending)
			}
		})
	}
}

// A room that the machine can do without fails alone.
func TestRoomThatIsNotCriticalFailsAlone(t *testing.T) {
	t.Parallel()
	result := oneRoom(t).edit(t, func(p *policy.Policy) {
		p.Rooms[0].Critical = false
		p.Rooms[0].Argv[0] = "/bin/none"
	}).boot(t)
	for _, want := range []string{
		"room web: failed: cannot execute the program: no such file or directory",
		"verdict: 0 of 1 rooms ready, ",
	} {
		if first(result, "bay0", want) == "" {
			t.Errorf("no line %q in\n%s", want, result.Text())
		}
	}
}

// What Bay0 does when it cannot go on is the policy's to say, once there is one.
func TestPolicyChoosesPowerOff(t *testing.T) {
	t.Parallel()
	result := oneRoom(t).edit(t, func(p *policy.Policy) {
		p.OnFailure = abi.PowerOff
		p.Rooms[0].Argv[0] = "/bin/none"
	}).boot(t)
	if _, found := result.First("; power-off"); !found || result.Ending != vm.PowerOff {
		t.Errorf("the machine ended by %v\n%s", result.Ending, result.Text())
	}
}
