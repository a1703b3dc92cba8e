package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/spf13/cobra"
)

// bootOptions are the flags of 'uki boot'.
type bootOptions struct {
	machine  vm.Machine
	forwards []string
	echoes   []string
	console  string
	details  bool
	keep     bool
}

func ukiBootCommand() *cobra.Command {
	var o bootOptions
	c := &cobra.Command{
		Use:   "boot --firmware FILE --vars FILE [flags] IMAGE",
		Short: "boot the image in QEMU and show what the machine says",
		Long: `Boot starts IMAGE in an emulated AArch64 machine, from a FAT volume by UEFI. As it
happens, it prints what the machine has come to and what Bay0 and the rooms say,
but for what the rooms report of each grant and neighbour: that is counted in the
table of the rooms that follows when Bay0 has given its verdict on them. The table
has their state, memory, and how long each took to become ready. With --details
each grant and each neighbour is shown before it, by room and by rule. With
--console FILE all that the machine says is in FILE, a line for each of them too.
Exit code 0 means that every room became ready.

The machine has one network card, whose network is its own: 10.0.2.0/24, in which
it has to be 10.0.2.15. Nothing outside is reached from it, and nothing in it from
outside but the ports given with --forward, on this host's 127.0.0.1. In that
network there is one server, at 10.0.2.100:443: a program of this host that says
back what it hears. --echo puts it elsewhere, or gives more of them; with
--echo none there is no other machine.

With --data the machine has a disk for what its rooms keep in volumes. If FILE is
not there it is made, with a partition of 64 MiB for each that a room's volume is
on; if it is there it is used as it is. With --tpm the machine has a TPM 2.0,
emulated by swtpm, with its state in DIR. Both are there for the next boot.`,
		Example: `  passportc uki boot --firmware AAVMF_CODE.fd --vars AAVMF_VARS.fd \
    --data out/data.img --tpm out/tpm out/anchor.efi
  passportc uki boot --firmware AAVMF_CODE.fd --vars AAVMF_VARS.fd \
    --data out/data.img --tpm out/tpm --forward 8080:8080 --keep out/anchor.efi`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			o.machine.Image = args[0]
			ctx := c.Context()
			if ctx == nil {
				ctx = context.Background()
			}
			ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
			defer stop()
			return o.run(ctx, c.OutOrStdout())
		},
	}
	f, m := c.Flags(), &o.machine
	f.StringVar(&m.Firmware, "firmware", "", "UEFI firmware code for QEMU's virt machine")
	f.StringVar(&m.Vars, "vars", "", "its variables; the file is not changed")
	f.DurationVar(&m.Timeout, "timeout", time.Minute, "when to give up waiting for the verdict")
	f.StringVar(&m.Disk, "data", "", "file of the data disk, made if it is not there")
	f.StringVar(&m.TPM, "tpm", "", "directory of the TPM's state, made if it is not there")
	f.StringArrayVar(&o.forwards, "forward", nil, "HOST:GUEST, TCP ports; with host port 0 a free one is taken (repeatable)")
	f.StringArrayVar(&o.echoes, "echo", []string{defaultEcho}, "ADDRESS:PORT of a server within the machine's network, or none (repeatable)")
	f.StringVar(&o.console, "console", "", "file for all that the machine says; - shows it here, as it comes")
	f.BoolVar(&o.details, "details", false, "before the table show each grant used and each neighbour denied")
	f.BoolVar(&o.keep, "keep", false, "after the table let the machine run until Ctrl-C")
	require(c, "firmware", "vars")
	return c
}

func (o bootOptions) run(ctx context.Context, stdout io.Writer) error {
	m := o.machine
	v, err := readPolicy(m.Image)
	if err != nil {
		return err
	}
	rooms := roomsOf(v)
	release, err := o.network(stdout, &m)
	if err != nil {
		return err
	}
	defer release()
	if m.Disk != "" {
		if m.Disk, err = provideDisk(ctx, stdout, v, m.Disk); err != nil {
			return err
		}
	}
	console, finish, err := openConsole(stdout, o.console, rooms)
	if err != nil {
		return err
	}
	defer finish()
	m.Console = console
	m.Until = func(line string) bool { _, _, ok := vm.Line{Text: line}.Verdict(); return ok }
	m.Then = func(ctx context.Context, seen vm.Result) error {
		o.show(stdout, rooms, seen.Lines)
		if o.console != "" && o.console != "-" {
			fmt.Fprintf(stdout, "each grant and each neighbour has a line in %s\n", o.console)
		}
		if o.keep {
			fmt.Fprintln(stdout, "the machine runs until Ctrl-C")
			<-ctx.Done()
		}
		return nil
	}
	result, err := m.Run(ctx)
	if _, judged := findVerdict(result.Lines); !judged && len(vm.Rooms(result.Lines)) > 0 {
		o.show(stdout, rooms, result.Lines)
	}
	return outcome(rooms, result, err)
}

// show ends with the table, so that it is what a terminal still has on it.
func (o bootOptions) show(stdout io.Writer, rooms []string, lines []vm.Line) {
	if o.details {
		showDetails(stdout, rooms, lines)
	}
	showRooms(stdout, rooms, lines)
}

// roomsOf are the names of a policy's rooms.
func roomsOf(v *blob.View) (names []string) {
	for i := range v.Rooms() {
		names = append(names, string(v.Room(i).Name()))
	}
	return names
}
