// Package mutate makes mutants of Bay0 for its tests: from the syntax tree, one for
// each call that enforces something and for each way to weaken it. All of them are
// in one program, which a table in its data tells which to be (package mutant of
// testdata): so one build and one boot carry many, each in a room of its own.
//
// Nothing of Bay0 imports it.
package mutate

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// Mutant is one way in which Bay0 enforces less.
type Mutant struct {
	Number   int    // from 1 on
	File     string // below cmd/bay0
	Line     int
	Function string
	Call     string // what is changed, as it is written
	Change   string // what becomes of it
	Room     bool   // it concerns a room that is being built, not the whole machine
}

// String is how a survivor is named.
func (m Mutant) String() string {
	return fmt.Sprintf("%d %s:%d %s: %s: %s", m.Number, m.File, m.Line, m.Function, m.Call, m.Change)
}

// ID tells a mutant from others whatever is inserted before it: its file and
// function, call and change. Two of one ID are the same thing done twice.
func (m Mutant) ID() string {
	return fmt.Sprintf("%s %s: %s: %s", m.File, m.Function, m.Call, m.Change)
}

// Made are all mutants, and the files of Bay0 with all of them in.
type Made struct {
	Mutants []Mutant
	Sources map[string][]byte // below cmd/bay0
}

// Make makes the mutants of some packages below dir, which is cmd/bay0.
func Make(dir string, packages ...string) (Made, error) {
	made := Made{Sources: map[string][]byte{}}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return made, err
	}
	loaded, err := load(dir, packages)
	if err != nil {
		return made, err
	}
	for _, p := range loaded {
		for i, file := range p.files {
			name, err := filepath.Rel(dir, p.names[i])
			if err != nil {
				return made, err
			}
			f := &rewriter{made: &made, pkg: p, name: name, source: p.sources[i], steps: map[*ast.CallExpr]bool{}, masked: map[ast.Expr]uint64{}}
			f.file(file)
			made.Sources[name] = f.rewritten(file)
		}
	}
	return made, nil
}

// rewriter changes one file by what it inserts: nothing is taken away, so that
// every line keeps its number.
type rewriter struct {
	made     *Made
	pkg      *loadedPackage
	name     string
	source   []byte
	function string
	steps    map[*ast.CallExpr]bool // each is the whole of a step
	masked   map[ast.Expr]uint64    // bits that the code leaves out of it
	inserted []insertion
}

type insertion struct {
	offset int
	ends   bool // it stands behind what it is for
	text   string
}

// mutant registers one and gives its number.
func (f *rewriter) mutant(at ast.Node, change string) int {
	n := len(f.made.Mutants) + 1
	position, call := f.pkg.fset.Position(at.Pos()), f.text(at)
	f.made.Mutants = append(f.made.Mutants, Mutant{
		Number: n, File: f.name, Line: position.Line, Function: f.function, Call: call, Change: change, Room: concernsRoom(f.name, f.function, call+": "+change),
	})
	return n
}

// text is a node in one line.
func (f *rewriter) text(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, f.pkg.fset, n); err != nil {
		return "?"
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// wrap puts text before and behind a node.
func (f *rewriter) wrap(n ast.Node, before, after string) {
	f.inserted = append(f.inserted,
		insertion{f.offset(n.Pos()), false, before}, insertion{f.offset(n.End()), true, after})
}

func (f *rewriter) insert(at token.Pos, text string) {
	f.inserted = append(f.inserted, insertion{f.offset(at), false, text})
}

func (f *rewriter) offset(at token.Pos) int { return f.pkg.fset.Position(at).Offset }

// rewritten is the file with its insertions. Of those at one place the outermost
// was made first: it stands first before a node, and last behind it.
func (f *rewriter) rewritten(file *ast.File) []byte {
	if len(f.inserted) == 0 {
		return f.source
	}
	f.insert(file.Name.End(), `; import "github.com/anchor-os/anchor/cmd/bay0/internal/mutant"`)
	order := make([]int, len(f.inserted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := f.inserted[a], f.inserted[b]
		switch {
		case x.offset != y.offset:
			return cmp.Compare(x.offset, y.offset)
		case x.ends && y.ends:
			return cmp.Compare(b, a)
		case x.ends != y.ends && x.ends:
			return -1
		case x.ends != y.ends:
			return 1
		}
		return cmp.Compare(a, b)
	})
	var out bytes.Buffer
	at := 0
	for _, i := range order {
		out.Write(f.source[at:f.inserted[i].offset])
		out.WriteString(f.inserted[i].text)
		at = f.inserted[i].offset
	}
	out.Write(f.source[at:])
	return out.Bytes()
}
