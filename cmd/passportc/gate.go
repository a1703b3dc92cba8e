package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// gateCommand holds the gates: judges of the build's inputs, which no passport and
// no policy shows.
func gateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "gate",
		Short: "judge what a release is built of",
		Long: `Gate judges what a release is built of, beside the passports. Each gate is a
command of its own; exit code 0 means that it is open, 1 that there are findings,
2 that the call is wrong.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return c.Help()
		},
	}
	c.AddCommand(gateKernelCommand(), gateLockCommand(), gateNixConfCommand(), gateFlakeCommand(), gateBay0Command(), gateAllCommand())
	return c
}

// readAtMost reads a file, but no more than one byte beyond a limit: whoever judges
// the text finds it too large, and nobody holds a file of any size in memory.
func readAtMost(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return text, nil
}

// readRegularAtMost refuses what might never end, or never begin: a pipe, a device.
func readRegularAtMost(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return readAtMost(path, limit)
}
