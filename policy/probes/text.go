package probes

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/anchor-os/anchor/policy/names"
)

// String is what the probe does, in words.
func (p Probe) String() string {
	args := make([]string, len(p.Args))
	for i, a := range p.Args {
		args[i] = oneLine(a)
	}
	switch p.Kind {
	case Call, Kill: // name, number, arguments
		return fmt.Sprintf("%s %s(%s)", p.Kind, p.Args[0], strings.Join(args[2:], ", "))
	case Sweep:
		return "every other call, by its number"
	case MountFlags:
		attributes, _ := strconv.ParseUint(p.Args[1], 10, 64)
		return fmt.Sprintf("%s %s %s", p.Kind, p.Args[0], strings.Join(names.MountAttributes(attributes), ","))
	case Socket:
		return fmt.Sprintf("socket %s %s %s", name(p.Args[0], familyNames), name(p.Args[1], typeNames), p.Args[2])
	case Start:
		return "arguments, environment and directory as written"
	}
	return strings.TrimSuffix(string(p.Kind)+" "+strings.Join(args, " "), " ")
}

// Names of numbers that are told apart by them (socket(2), address_families(7)).
var (
	familyNames = map[string]string{
		"1": "AF_UNIX", "2": "AF_INET", "10": "AF_INET6", "15": "AF_KEY", "16": "AF_NETLINK", "17": "AF_PACKET", "21": "AF_RDS",
		"29": "AF_CAN", "30": "AF_TIPC", "31": "AF_BLUETOOTH", "38": "AF_ALG", "40": "AF_VSOCK", "43": "AF_SMC", "44": "AF_XDP",
	}
	typeNames = map[string]string{"1": "SOCK_STREAM", "2": "SOCK_DGRAM", "3": "SOCK_RAW", "5": "SOCK_SEQPACKET"}
)

func name(number string, names map[string]string) string {
	if found, known := names[number]; known {
		return found
	}
	return number
}

// oneLine keeps an argument in one line of its table.
func oneLine(arg string) string {
	const most = 64
	if arg == "" || strings.ContainsFunc(arg, func(c rune) bool { return c < ' ' || c == '"' || c == 0x7f }) {
		return fmt.Sprintf("%q", arg)
	}
	if len(arg) > most {
		return arg[:most] + "..."
	}
	return arg
}

// Wanted is the right outcomes, in words.
func (p Probe) Wanted() string { return strings.Join(p.Want, " or ") }

// Write writes a table for people: a line a twin.
func Write(w io.Writer, rooms []Room) error {
	for i, r := range rooms {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "room %s\n", r.Name)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(table, "  rule\tgranted\tmust give\tneighbour\tmust give\n")
		for _, t := range r.Twins {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", t.Rule, cells(t.Granted), cells(t.Neighbour))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func cells(p *Probe) string {
	if p == nil {
		return "-\t-"
	}
	return p.String() + "\t" + p.Wanted()
}
