package explain

import (
	"fmt"
	"strings"

	"github.com/anchor-os/anchor/compiler/check"
)

// Key is for a terminal what the schema says of a key or a named value. The example
// are lines of TOML that give it, "" for none.
func Key(d *check.Documentation, example string) string {
	var b strings.Builder
	file := "rooms/ROOM/passport.toml"
	if d.System {
		file = "rooms/system.toml"
	}
	fmt.Fprintf(&b, "%s, in %s\n\n%s\n", strings.Join(d.Path, "."), file, wrap(d.Text, width))
	if d.Type != "" {
		fmt.Fprintf(&b, "\n%s\n", facts(d))
	}
	if len(d.Members) > 0 {
		b.WriteString("\n" + members(d))
	}
	if len(d.Contents) > 0 {
		b.WriteString("\n" + indent(wrap(strings.Join(d.Contents, ", "), width-2), "  ") + "\n")
	}
	if example != "" {
		b.WriteString("\nExample:\n\n" + indent(example, "  "))
	}
	return b.String()
}

// facts puts type, default and range below each other.
func facts(d *check.Documentation) string {
	rows := []string{"Type:     " + d.Type}
	switch {
	case d.Required:
		rows = append(rows, "Default:  none, it is required")
	case d.Default != "":
		rows = append(rows, "Default:  "+d.Default)
	default:
		rows = append(rows, "Default:  none")
	}
	if d.Allowed != "" {
		const head = "Allowed:  "
		rows = append(rows, head+strings.TrimLeft(indent(wrap(d.Allowed, width-len(head)), strings.Repeat(" ", len(head))), " "))
	}
	return strings.Join(rows, "\n")
}

// members lists keys or values, each with its sentence beside it.
func members(d *check.Documentation) string {
	const most = 24 // characters of a name that move the sentences to the right
	column := 0
	for _, m := range d.Members {
		column = max(column, min(len(m.Name), most))
	}
	var b strings.Builder
	for _, m := range d.Members {
		text := joined(ofMember(m), m.Text, m.Bounds)
		lead := strings.Repeat(" ", 2+column+2)
		text = indent(wrap(text, width-len(lead)), lead) + "\n"
		if len(m.Name) <= column {
			text = fmt.Sprintf("  %-*s  ", column, m.Name) + text[len(lead):]
		} else {
			text = "  " + m.Name + "\n" + text
		}
		b.WriteString(text)
	}
	return b.String()
}

// ofMember is the type of a member in a sentence, with its default.
func ofMember(m check.Member) string {
	switch {
	case m.Type == "":
		return ""
	case m.Required:
		return "Required, " + m.Type + "."
	case m.Default != "":
		return strings.ToUpper(m.Type[:1]) + m.Type[1:] + ", " + m.Default + " by default."
	}
	return strings.ToUpper(m.Type[:1]) + m.Type[1:] + "."
}
