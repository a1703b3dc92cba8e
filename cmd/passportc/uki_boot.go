package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/anchor-os/anchor/release/vm"
	"github.com/spf13/cobra"
)

func ukiBootCommand() *cobra.Command {
	m := vm.Machine{}
	c := &cobra.Command{
		Use:   "boot --firmware FILE --vars FILE IMAGE",
		Short: "boot the image in QEMU and show what the machine says",
		Long: `Boot starts IMAGE in an emulated AArch64 machine, from a FAT volume by UEFI, and
prints its console until Bay0 has given its verdict on the rooms or the machine
has ended. Exit code 0 means that every room became ready.`,
		Example: `  passportc uki boot --firmware AAVMF_CODE.fd --vars AAVMF_VARS.fd out/anchor.efi`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			m.Image = args[0]
			m.Console = c.OutOrStdout()
			return boot(c.Context(), m, c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&m.Firmware, "firmware", "", "UEFI firmware code for QEMU's virt machine")
	c.Flags().StringVar(&m.Vars, "vars", "", "its variables; the file is not changed")
	c.Flags().DurationVar(&m.Timeout, "timeout", time.Minute, "when to give up")
	require(c, "firmware", "vars")
	return c
}

// verdict reads the line with which Bay0 ends a boot that came up.
func verdict(line string) (ready, rooms int, ok bool) {
	source, text, _ := vm.Line{Text: line}.Message()
	if source != "bay0" {
		return 0, 0, false
	}
	n, _ := fmt.Sscanf(text, "verdict: %d of %d rooms ready", &ready, &rooms)
	return ready, rooms, n == 2
}

func boot(ctx context.Context, m vm.Machine, stderr io.Writer) error {
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	m.Until = func(line string) bool { _, _, ok := verdict(line); return ok }
	result, err := m.Run(ctx)
	if err != nil {
		return err
	}
	if result.Ending != vm.Matched {
		return fmt.Errorf("cannot bring the machine up: it ended by %v after %.1f s", result.Ending, result.After.Seconds())
	}
	fmt.Fprintf(stderr, "%s: up %.1f s after the start of QEMU\n", m.Image, result.After.Seconds())
	if ready, rooms, _ := verdict(result.Lines[len(result.Lines)-1].Text); ready != rooms {
		return fmt.Errorf("cannot bring all rooms up: %d of %d", ready, rooms)
	}
	return nil
}
