package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/policy/probes"
	"github.com/anchor-os/anchor/release/uki"
	"github.com/spf13/cobra"
)

func probesCommand() *cobra.Command {
	var format, room string
	c := &cobra.Command{
		Use:   "probes FILE",
		Short: "list what to try in each room: what must succeed, and beside it what must fail",
		Long: `Probes reads a policy blob or a whole image (UKI) and derives, for each rule of
each room, an access that must succeed and its nearest neighbour that must fail:
files, devices, ports, address families, sockets between rooms, system calls,
limits, namespaces, privileges. What must come of each is computed from the policy
as Bay0 gets it; for system calls it is asked of the very filter in it.

A program in the room that carries out the list (in Go: package program/probe)
shows whether the machine enforces its policy.`,
		Example: `  passportc probes out/passports.bin
  passportc probes --room web --format json out/passports.bin`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantFormat(format); err != nil {
				return err
			}
			rooms, err := deriveProbes(args[0], room)
			if err != nil {
				return err
			}
			if format == "json" {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(rooms)
			}
			return probes.Write(c.OutOrStdout(), rooms)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	c.Flags().StringVar(&room, "room", "", "one room only")
	return c
}

// deriveProbes gives the probes of one room, or of all if it is "".
func deriveProbes(name, room string) ([]probes.Room, error) {
	p, err := policyOf(name)
	if err != nil {
		return nil, err
	}
	rooms, err := probes.Derive(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if room == "" {
		return rooms, nil
	}
	i := slices.IndexFunc(rooms, func(r probes.Room) bool { return r.Name == room })
	if i < 0 {
		return nil, &usageError{fmt.Errorf("%s: there is no room %q in this policy", name, room)}
	}
	return rooms[i : i+1], nil
}

// policyOf reads a blob, or the one in an image.
func policyOf(name string) (policy.Policy, error) {
	b, err := readFile(name)
	if err != nil {
		return policy.Policy{}, err
	}
	if bytes.HasPrefix(b, []byte("MZ")) {
		img, err := uki.Read(b)
		if err != nil {
			return policy.Policy{}, fmt.Errorf("%s: %w", name, err)
		}
		b = img.Passports
	}
	v, err := encode.Read(b)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("%s: %w", name, err)
	}
	return encode.Policy(v), nil
}
