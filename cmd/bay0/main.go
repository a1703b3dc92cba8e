// The Go runtime shall not open files of the cgroup on its own in a program whose
// descriptors are counted.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Bay0 is PID 1 of Anchor OS. It verifies the policy it was booted with, starts
// the policy's rooms, each confined as its passport says, and watches over them.
// There is nothing to configure and nothing to fall back to: what fails ends the
// boot with one line that says why.
//
// The same binary has three roles, told apart by an inherited descriptor: the
// governor, which the kernel starts; the launcher, which builds rooms; and the
// stage, which a room's program grows from.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/anchor-os/anchor/cmd/bay0/internal/boot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/confine"
	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
	"github.com/anchor-os/anchor/cmd/bay0/internal/invariant"
	"github.com/anchor-os/anchor/cmd/bay0/internal/klog"
	"github.com/anchor-os/anchor/cmd/bay0/internal/launch"
	"github.com/anchor-os/anchor/cmd/bay0/internal/role"
	"github.com/anchor-os/anchor/cmd/bay0/internal/slot"
	"github.com/anchor-os/anchor/cmd/bay0/internal/stage"
	"github.com/anchor-os/anchor/cmd/bay0/internal/supervise"
	"github.com/anchor-os/anchor/cmd/bay0/internal/sys"
	"github.com/anchor-os/anchor/cmd/bay0/internal/watchdog"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"golang.org/x/sys/unix"
)

func main() {
	// The heap may grow by a quarter, and to 1 MiB before anybody looks: little
	// garbage is made, and memory is the rooms'.
	debug.SetGCPercent(25)
	as, err := role.Inherited()
	switch {
	case err != nil:
		fail(err)
	case as.Kind == role.Launcher:
		launch.Run()
	case as.Kind == role.Stage:
		stage.Run(as.Number)
	case os.Getpid() == 1:
		g := governor{say: func(format string, args ...any) { fmt.Printf("bay0: "+format+"\n", args...) }}
		g.end(g.run())
	case slices.Equal(os.Args[1:], []string{"--version"}):
		fmt.Printf("bay0 for policy format %d.%d, Landlock ABI %d, %s/%s\n", blob.Major, blob.Minor, abi.LandlockABI, runtime.GOOS, runtime.GOARCH)
	default:
		fail(errors.New("cannot run: it is the first program of a machine, started by the kernel"))
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "bay0: %v\n", err)
	os.Exit(2)
}

// governor is PID 1.
type governor struct {
	say       func(format string, args ...any) // to the console until there is a log
	onFailure abi.FailureAction                // reset until there is a policy to say otherwise

	vars     *efivar.Dir // nil: the firmware offers none
	boot     *slot.Boot
	dog      *watchdog.Timer
	log      *klog.Log
	machine  *boot.Machine
	launcher *launch.Launcher
}

// run runs the machine. It returns only when the machine cannot go on.
func (g *governor) run() error {
	// Firmware can append to the command line; behind its "--" that arrives here.
	if len(os.Args) != 1 {
		return fmt.Errorf("cannot accept arguments: %q", os.Args[1:])
	}
	os.Clearenv()
	phases := []struct {
		name string
		run  func() error
	}{
		{name: "devices", run: func() error { return sys.InOrder([]func() error{boot.MountDevices, g.openLog}) }},
		{name: "watchdog", run: func() (err error) { g.dog, err = watchdog.Arm(); return err }}, // from here on whatever hangs is reset
		{name: "slot", run: g.countBoot}, // and whatever fails was counted
		{name: "root", run: boot.Mount},
		{name: "policy", run: g.loadPolicy},
		{name: "invariants", run: func() error { return invariant.Check(g.machine.Policy) }},
		{name: "images", run: func() error { return g.machine.MountImages(g.dog.Feed) }},
		{name: "launcher", run: g.startLauncher},
		{name: "confine", run: func() error { return confine.Governor(g.machine.Policy) }},
	}
	for _, p := range phases {
		began := time.Now()
		if err := p.run(); err != nil {
			return err
		}
		g.say(`{"phase":%q,"ms":%d}`, p.name, time.Since(began).Milliseconds())
	}
	return supervise.Run(g.machine, g.launcher, g.dog, g.log, g.boot.Tried(), g.boot.Settle)
}

// countBoot opens the firmware's variables. A machine without them has no slots and
// no floor, and goes on; but for a policy that requires Secure Boot, which is one
// of them.
func (g *governor) countBoot() (err error) {
	g.vars, err = efivar.Mount()
	if errors.Is(err, unix.EOPNOTSUPP) {
		g.say("slot: none, and any version may run: %v", err)
	} else if err != nil {
		return err
	}
	g.boot = slot.Read(g.vars, g.say)
	if err = g.boot.Count(); errors.Is(err, slot.ErrNoneLeft) {
		g.onFailure = abi.PowerOff
	}
	return err
}

func (g *governor) openLog() (err error) {
	if g.log, err = klog.Open(); err == nil {
		g.say = g.log.Say
	}
	return err
}

// loadPolicy has the watchdog take the policy's timeout for its own.
func (g *governor) loadPolicy() (err error) {
	if g.machine, err = boot.Load(g.vars); err != nil {
		return err
	}
	m := g.machine
	g.onFailure = m.Policy.OnFailure()
	g.say("policy sha256:%x version %d, rooms %d, secure boot %v", m.Digest, m.Policy.Version(), m.Policy.Rooms(), m.SecureBoot)
	return sys.InOrder([]func() error{
		m.Check,
		func() error { return g.boot.CheckFloor(m.Policy.Version()) },
		func() error { return g.dog.SetTimeout(m.Policy.Watchdog()) },
	})
}

// startLauncher is the last that needs what the governor then gives up.
func (g *governor) startLauncher() (err error) {
	g.boot.Keep(g.machine.Policy.Floor())
	g.launcher, err = launch.Spawn()
	return err
}

// commands are what reboot(2) is told.
var commands = [...]int{abi.Reset: unix.LINUX_REBOOT_CMD_RESTART, abi.PowerOff: unix.LINUX_REBOOT_CMD_POWER_OFF}

// end says why and stops the machine, as the policy says or as somebody asked for.
func (g *governor) end(reason error) {
	action, verb := g.onFailure, "refused"
	if asked, ok := reason.(supervise.Asked); ok {
		action, verb = abi.FailureAction(asked), "ended"
	}
	g.say("%s: %v; %v", verb, reason, action)
	// A reset would lose what has not left the terminal yet (tcdrain(3)).
	_ = unix.IoctlSetInt(int(os.Stdout.Fd()), unix.TCSBRK, 1)
	unix.Sync()
	err := unix.Reboot(commands[action])
	// Only without CAP_SYS_BOOT. PID 1 that ends panics the kernel, which resets.
	g.say("cannot %v: %v", action, err)
	os.Exit(1)
}
