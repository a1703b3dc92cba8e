package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/check"
)

// Manual gives the parts of docs/PASSPORT.md that are made of the schema, in Markdown,
// by their names.
func Manual() map[string]string {
	return map[string]string{
		"passport":   keysOf(false),
		"system":     keysOf(true),
		"profiles":   profiles(),
		"devices":    devices(),
		"parameters": parameters(),
	}
}

// keysOf lists every key of one kind of file: first those of no table, then each
// table with its keys.
func keysOf(system bool) string {
	all := check.Documented(system)
	var b strings.Builder
	leaves(&b, all, nil)
	for _, d := range all {
		if isTable(d) {
			section(&b, all, d)
		}
	}
	return b.String()
}

func isTable(d *check.Documentation) bool {
	return d.Type == "a table" || d.Type == "a list of tables"
}

// section is one table under a heading of its own.
func section(b *strings.Builder, all []*check.Documentation, d *check.Documentation) {
	title := "[" + strings.Join(d.Path, ".") + "]"
	if d.Type != "a table" {
		title = "[" + title + "]"
	}
	fmt.Fprintf(b, "\n### `%s`\n\n", title)
	text := d.Text
	if d.Required {
		text = "Required. " + text
	}
	b.WriteString(wrap(joined(text, d.Allowed), width) + "\n")
	if len(d.Members) > 0 {
		b.WriteByte('\n')
		leaves(b, all, d.Path)
	}
}

// leaves lists the keys directly in a table; of tables within it, it says where they are.
func leaves(b *strings.Builder, all []*check.Documentation, table []string) {
	for _, d := range all {
		last := len(d.Path) - 1
		if !slices.Equal(d.Path[:last], table) {
			continue
		}
		what, text := d.Type, joined(d.Text, d.Allowed)
		switch {
		case d.Required:
			what += ", required"
		case d.Default != "":
			what += ", default `" + d.Default + "`"
		}
		switch {
		case isTable(d) && last == 0:
			continue // the next sections
		case isTable(d):
			text = "See below."
		}
		b.WriteString(bullet(fmt.Sprintf("**`%s`**, %s. %s", d.Path[last], what, text)))
	}
}

// bullet is an item of a list in Markdown.
func bullet(text string) string {
	return "- " + strings.TrimLeft(indent(wrap(text, width-2), "  "), " ") + "\n"
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// profiles shows each with the calls that it has beyond the largest one it includes.
func profiles() string {
	d, _ := check.Document("system-calls.profile")
	calls, texts := map[string][]string{}, map[string]string{}
	for _, m := range d.Members {
		p, _ := check.Document("system-calls.profile." + m.Name)
		calls[m.Name], texts[m.Name] = p.Contents, p.Text
	}
	names := make([]string, 0, len(calls))
	for _, m := range d.Members {
		names = append(names, m.Name)
	}
	slices.SortStableFunc(names, func(a, b string) int { return len(calls[a]) - len(calls[b]) })
	var b strings.Builder
	for i, name := range names {
		lead, own := "Its calls", calls[name]
		for _, other := range names[:i] {
			if beyond := without(calls[name], calls[other]); len(beyond) == len(calls[name])-len(calls[other]) && len(beyond) < len(own) {
				lead, own = "Beyond "+other, beyond
			}
		}
		fmt.Fprintf(&b, "%s\n%s\n", bullet(fmt.Sprintf("**`%s`**, %d calls: %s", name, len(calls[name]), texts[name])),
			indent(wrap(lead+": "+strings.Join(own, ", ")+".", width-2), "  ")+"\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func without(all, these []string) (rest []string) {
	for _, s := range all {
		if !slices.Contains(these, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

func devices() string {
	d, _ := check.Document("devices.classes")
	var b strings.Builder
	for _, m := range d.Members {
		class, _ := check.Document("devices.classes." + m.Name)
		b.WriteString(bullet(fmt.Sprintf("**`%s`**, %s: %s", m.Name, strings.Join(class.Contents, ", "), class.Text)))
	}
	return b.String()
}

func parameters() string {
	d, _ := check.Document("system.kernel.command-line")
	var b strings.Builder
	for _, m := range d.Members {
		b.WriteString(bullet("`" + m.Name + "`" + strings.TrimPrefix(m.Text, m.Name)))
	}
	return b.String()
}
