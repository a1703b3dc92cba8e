package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/anchor-os/anchor/release/vm"
	"github.com/spf13/cobra"
)

// bootOptions are the flags of 'uki boot'.
type bootOptions struct {
	machine     vm.Machine
	forwards    []string
	echoes      []string
	quiet, keep bool
}

func ukiBootCommand() *cobra.Command {
	var o bootOptions
	c := &cobra.Command{
		Use:   "boot --firmware FILE --vars FILE [flags] IMAGE",
		Short: "boot the image in QEMU and show what the machine says",
		Long: `Boot starts IMAGE in an emulated AArch64 machine, from a FAT volume by UEFI. It
prints the machine's console as it comes, until Bay0 has given its verdict on the
rooms or the machine has ended, and then a table of the rooms: their state, what
they report of their grants and of the neighbours of those, their memory, and how
long each took to become ready. Exit code 0 means that every room became ready.

The machine has one network card, whose network is its own: 10.0.2.0/24, in which
it has to be 10.0.2.15. Nothing outside is reached from it, and nothing in it from
outside but the ports given with --forward, on this host's 127.0.0.1. With --echo
there is a server at an address of that network that says back what it hears.

With --data the machine has a disk for what its rooms keep in volumes. If FILE is
not there it is made, with a partition of 64 MiB for each that a room's volume is
on; if it is there it is used as it is. With --tpm the machine has a TPM 2.0,
emulated by swtpm, with its state in DIR. Both are there for the next boot.`,
		Example: `  passportc uki boot --firmware AAVMF_CODE.fd --vars AAVMF_VARS.fd out/anchor.efi
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
	f.StringArrayVar(&o.echoes, "echo", nil, "ADDRESS:PORT within the machine's network (repeatable)")
	f.BoolVar(&o.quiet, "quiet", false, "of the console show only what Bay0 says")
	f.BoolVar(&o.keep, "keep", false, "after the table let the machine run until Ctrl-C")
	require(c, "firmware", "vars")
	return c
}

func (o bootOptions) run(ctx context.Context, stdout io.Writer) error {
	release, err := o.network(stdout)
	if err != nil {
		return err
	}
	defer release()
	m := o.machine
	if m.Disk != "" {
		if m.Disk, err = provideDisk(ctx, stdout, m.Image, m.Disk); err != nil {
			return err
		}
	}
	m.Console = stdout
	if o.quiet {
		m.Console = bay0Only{stdout}
	}
	m.Until = func(line string) bool { _, _, ok := vm.Line{Text: line}.Verdict(); return ok }
	m.Then = func(ctx context.Context, seen vm.Result) error {
		showRooms(stdout, seen.Lines)
		if o.keep {
			fmt.Fprintln(stdout, "the machine runs until Ctrl-C")
			<-ctx.Done()
		}
		return nil
	}
	result, err := m.Run(ctx)
	return outcome(result, err)
}

// outcome is the error of a run: nil if all rooms became ready, and nothing but Ctrl-C ended it.
func outcome(result vm.Result, err error) error {
	verdict, judged := findVerdict(result.Lines)
	switch {
	case errors.Is(err, context.Canceled) && !judged:
		return errors.New("cannot wait for the verdict: interrupted")
	case err != nil && !errors.Is(err, context.Canceled):
		return err
	case err == nil && result.Ending != vm.Matched:
		err := fmt.Errorf("cannot keep the machine up: it ended by %v after %.1f s", result.Ending, result.After.Seconds())
		if refusal := refusal(result.Lines); refusal != "" {
			return &hinted{err, "Bay0 said: " + refusal}
		}
		return err
	case verdict.ready != verdict.rooms:
		return fmt.Errorf("cannot bring all rooms up: %d of %d", verdict.ready, verdict.rooms)
	}
	return nil
}

type counts struct{ ready, rooms int }

func findVerdict(lines []vm.Line) (c counts, ok bool) {
	for _, line := range lines {
		if c.ready, c.rooms, ok = line.Verdict(); ok {
			return c, true
		}
	}
	return counts{}, false
}

// refusal is the reason for which Bay0 has given up, or "".
func refusal(lines []vm.Line) (reason string) {
	for _, line := range lines {
		if source, text, _ := line.Message(); source == "bay0" && strings.HasPrefix(text, "refused: ") {
			reason = text
		}
	}
	return reason
}

// network reads --forward and --echo. It says which ports were taken, and holds them until release.
func (o *bootOptions) network(stdout io.Writer) (release func(), err error) {
	release = func() {}
	for _, text := range o.echoes {
		address, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, wrongValue("echo", text, "want ADDRESS:PORT, such as 10.0.2.100:443")
		}
		o.machine.Echo = append(o.machine.Echo, address)
	}
	for _, text := range o.forwards {
		var f vm.Forward
		if n, err := fmt.Sscanf(text+"\n", "%d:%d\n", &f.Host, &f.Guest); n != 2 || err != nil || f.Guest == 0 {
			return nil, wrongValue("forward", text, "want HOST:GUEST, two port numbers, such as 8080:8080")
		}
		if f.Host == 0 {
			port, free, err := vm.FreePort()
			if err != nil {
				return nil, err
			}
			f.Host = port
			before := release
			release = func() { before(); free() }
		}
		fmt.Fprintf(stdout, "127.0.0.1:%d leads to port %d of the machine\n", f.Host, f.Guest)
		o.machine.Forward = append(o.machine.Forward, f)
	}
	return release, nil
}

func wrongValue(flag, value, hint string) error {
	return &usageError{&hinted{fmt.Errorf("--%s cannot be %q", flag, value), hint}}
}

// bay0Only passes on the lines that Bay0 has written. Each Write is a line.
type bay0Only struct{ io.Writer }

func (w bay0Only) Write(line []byte) (int, error) {
	source, _, _ := vm.Line{Text: strings.TrimSuffix(string(line), "\n")}.Message()
	if source != "bay0" {
		return len(line), nil
	}
	return w.Writer.Write(line)
}
