package hardening

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// MaxSize is the largest file of rules that is read, in bytes.
const MaxSize = 512 << 10

const (
	maxDepth  = 6   // of brackets: hcl's parser recurses
	maxFaults = 100 // of one file: what is no file of rules would have one in each block
)

// Read gives the rules of a file, of which name is the path for messages, and all
// that is wrong with it. Rules with errors in the list must not be used.
func Read(name string, text []byte) (Rules, diag.List) {
	r := &reader{file: diag.NewSource(name, text)}
	if len(text) > MaxSize {
		r.file = diag.NewSource(name, nil)
		r.faults.Error(diag.TooLarge, r.file.Whole(), fmt.Sprintf("the file has more than %d bytes", MaxSize)).
			Detail = "All rules that there are have room in a quarter of that."
		return Rules{}, r.faults
	}
	if !r.encoding() || !r.plain() {
		return Rules{}, r.faults
	}
	file, found := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if r.syntax(found); found.HasErrors() {
		return Rules{}, r.faults
	}
	r.body(file.Body.(*hclsyntax.Body))
	return r.rules, r.faults[:min(len(r.faults), maxFaults)]
}

// full reports whether there are faults enough.
func (r *reader) full() bool { return len(r.faults) >= maxFaults }

// encoding refuses what is not UTF-8, and what hcl skips: a byte order mark and CRs.
func (r *reader) encoding() bool {
	if bytes.HasPrefix(r.file.Text, []byte("\uFEFF")) {
		r.faults.Error(diag.ByteOrderMark, r.file.Range(0, 3), "the file begins with a byte order mark")
		return false
	}
	if i := bytes.IndexByte(r.file.Text, '\r'); i >= 0 {
		r.faults.Error(diag.RulesSyntax, r.file.Range(i, i+1), "the line ends in CR LF").Hint = "write the file again with lines that end in LF alone"
		return false
	}
	for i, rest := 0, r.file.Text; len(rest) > 0; {
		c, n := utf8.DecodeRune(rest)
		if c == utf8.RuneError && n == 1 {
			r.faults.Error(diag.NotUTF8, r.file.Range(i, i+1), fmt.Sprintf("byte 0x%02x is not UTF-8", rest[0]))
			return false
		}
		i, rest = i+n, rest[n:]
	}
	return true
}

// reader is the state of one Read.
type reader struct {
	file   *diag.Source
	rules  Rules
	faults diag.List
}

// syntax takes over what hcl's parser found, in our words where they are its own.
func (r *reader) syntax(found hcl.Diagnostics) {
	for _, f := range found[:min(len(found), maxFaults)] {
		subject := r.file.Whole()
		if f.Subject != nil {
			subject = r.place(*f.Subject)
		}
		code := diag.RulesSyntax
		if f.Summary == "Attribute redefined" {
			code = diag.RulesRepeated
		}
		r.faults.Error(code, subject, lower(f.Summary)).Detail = f.Detail
	}
}

// place is a range of hcl's in our terms.
func (r *reader) place(at hcl.Range) diag.Range {
	return r.file.Range(min(at.Start.Byte, len(r.file.Text)), min(at.End.Byte, len(r.file.Text)))
}

// body reads the blocks of the file.
func (r *reader) body(b *hclsyntax.Body) {
	r.file.Section = section(b)
	for _, name := range slices.Sorted(maps.Keys(b.Attributes)) {
		if r.full() {
			return
		}
		a := b.Attributes[name]
		r.faults.Error(diag.RulesUnknown, r.place(a.NameRange), fmt.Sprintf("%s stands outside any block", diag.Quote(a.Name))).
			Detail = "A file of rules holds blocks: " + strings.Join(kinds, ", ") + "."
	}
	for _, inner := range b.Blocks {
		if r.block(inner); r.full() {
			return
		}
	}
	r.repeated()
	r.waived()
}

// kinds are the types of blocks that a file can hold.
var kinds = []string{"option", "any", "all", "parameter", "sysctl", "file", "waiver"}

func (r *reader) block(inner *hclsyntax.Block) {
	b := &block{Block: inner, reader: r}
	switch inner.Type {
	case "option":
		r.rules.Options = append(r.rules.Options, b.options()...)
	case "any", "all":
		r.rules.Groups = append(r.rules.Groups, b.group())
	case "parameter":
		r.rules.Parameters = append(r.rules.Parameters, b.parameter())
	case "sysctl":
		r.rules.Sysctls = append(r.rules.Sysctls, b.sysctl())
	case "file":
		r.rules.Files = append(r.rules.Files, b.file())
	case "waiver":
		r.rules.Waivers = append(r.rules.Waivers, b.waiver())
	default:
		d := r.faults.Error(diag.RulesUnknown, r.place(inner.TypeRange), fmt.Sprintf("there is no block %s", diag.Quote(inner.Type)))
		d.Detail = "A file of rules holds blocks: " + strings.Join(kinds, ", ") + "."
		d.Hint = diag.DidYouMean(inner.Type, kinds)
		return
	}
	b.end()
}

// section names the block around a byte, for messages: option "CONFIG_EFI". Blocks
// follow one another as in the file.
func section(b *hclsyntax.Body) func(int) string {
	return func(offset int) string {
		i := sort.Search(len(b.Blocks), func(i int) bool { return offset < b.Blocks[i].Range().End.Byte })
		if i == len(b.Blocks) || offset < b.Blocks[i].Range().Start.Byte {
			return ""
		}
		return title(b.Blocks[i])
	}
}

func title(b *hclsyntax.Block) string {
	switch len(b.Labels) {
	case 0:
		return b.Type
	case 1:
		return b.Type + " " + diag.Quote(b.Labels[0])
	}
	return b.Type + " " + diag.Quote(b.Labels[0]) + " …"
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
