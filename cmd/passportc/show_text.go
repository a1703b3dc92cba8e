package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// text writes tables for people. What can be long comes last on its line.
func (s *shown) text(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "KEY\tFROM\tVALUE\n")
	for _, k := range s.Keys {
		fmt.Fprintf(t, "%s\t%v\t%s\n", k.Key, k.Origin, s.value(k))
	}
	t.Flush() // to a string, which takes everything
	b.WriteByte('\n')
	s.budget(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// value is a key's value with what it stands for.
func (s *shown) value(k shownKey) string {
	switch {
	case k.Bytes > 0:
		return fmt.Sprintf("%s (%d bytes)", k.toml, k.Bytes)
	case k.MS > 0:
		return fmt.Sprintf("%s (%d ms)", k.toml, k.MS)
	case k.Key == "system-calls.profile":
		return fmt.Sprintf("%s (with allow and deny, %d system calls)", k.toml, len(s.SystemCalls))
	case k.Key == "devices.classes" && len(s.Devices) > 0:
		return fmt.Sprintf("%s (%s)", k.toml, strings.Join(s.Devices, ", "))
	}
	return k.toml
}

func (a *shownAt) String() string {
	if a == nil {
		return "default"
	}
	return fmt.Sprintf("%s:%d", a.File, a.Line)
}

// budget shows what of the machine the room takes, or what each does.
func (s *shown) budget(b *strings.Builder) {
	var rooms []string
	width := len("all rooms")
	for _, room := range slices.Sorted(maps.Keys(s.Budget[0].Rooms)) {
		if s.Room == "" || s.Room == room {
			rooms = append(rooms, room)
			width = max(width, len(room))
		}
	}
	row := func(what string, amount func(budgetLine) string) {
		fmt.Fprintf(b, "%-*s", width, what)
		for _, line := range s.Budget {
			fmt.Fprintf(b, "  %10s", amount(line))
		}
		b.WriteByte('\n')
	}
	row("BUDGET", func(l budgetLine) string { return strings.ToUpper(l.What) })
	for _, room := range rooms {
		row(room, func(l budgetLine) string { return l.format(l.Rooms[room]) })
	}
	row("all rooms", func(l budgetLine) string { return l.format(l.Machine - l.Left) })
	row("machine", func(l budgetLine) string { return l.format(l.Machine) })
	row("left", func(l budgetLine) string { return l.format(l.Left) })
}

func plain(n uint64) string { return strconv.FormatUint(n, 10) }
