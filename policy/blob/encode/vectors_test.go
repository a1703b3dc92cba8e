package encode_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

var update = flag.Bool("update", false, "write the vectors again")

const vectors = "../testdata/vectors"

// A vector is a file of header lines ("expect:", "bay0:", "comment:"), an empty line
// and the blob in hexadecimal. Any reader of the format can be run over them: whoever
// makes or verifies a policy gives the verdict "expect"; Bay0's own is "accept" or
// "refuse".
type vector struct {
	expect, bay0, comment string
	blob                  []byte
}

func (v vector) String() string {
	return fmt.Sprintf("expect: %s\nbay0: %s\ncomment: %s\n\n%s", v.expect, v.bay0, v.comment, hexLines(v.blob))
}

func hexLines(b []byte) string {
	var s strings.Builder
	for line := range slices.Chunk(b, 32) {
		s.WriteString(hex.EncodeToString(line) + "\n")
	}
	return s.String()
}

func parseVector(t *testing.T, file string) (v vector) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(text), "\n\n")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "expect":
			v.expect = value
		case "bay0":
			v.bay0 = value
		case "comment":
			v.comment = value
		default:
			t.Fatalf("%s: unknown header %q", file, key)
		}
	}
	if v.blob, err = hex.DecodeString(strings.ReplaceAll(body, "\n", "")); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func verdict(b []byte) string {
	if _, err := encode.Read(b); err != nil {
		return err.Error()
	}
	return "accept"
}

func bay0Verdict(b []byte) string {
	if _, err := blob.Decode(b); err != nil {
		return "refuse"
	}
	return "accept"
}

func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	files, err := filepath.Glob(vectors + "/*.vector")
	if err != nil || len(files) != len(defects)+1 {
		t.Fatalf("%d vectors (%v), want %d: run with -update", len(files), err, len(defects)+1)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			v := parseVector(t, file)
			if got := verdict(v.blob); got != v.expect {
				t.Errorf("%s\n got %s\nwant %s", v.comment, got, v.expect)
			}
			if got := bay0Verdict(v.blob); got != v.bay0 {
				t.Errorf("%s: Bay0 would %s it, want %s", v.comment, got, v.bay0)
			}
		})
	}
}

// Each vector is what its generator makes today, so none can rot.
func TestVectorsAreGenerated(t *testing.T) {
	for name, want := range generate(t) {
		got, err := os.ReadFile(filepath.Join(vectors, name+".vector"))
		if err != nil || string(got) != want.String() {
			t.Errorf("%s is not what its generator makes (%v): run with -update and review", name, err)
		}
	}
}

// Every fault that the decoder can find has a vector that finds it.
func TestEveryFaultHasAVector(t *testing.T) {
	all := generate(t)
	for name, d := range large {
		all[name] = vector{expect: verdict(d.spoil(good(t)))}
	}
	for where, format := range faults(t) {
		pattern := regexp.MustCompile(": " + faultPattern(format) + `( \(room .*\))?$`)
		found := false
		for _, v := range all {
			found = found || pattern.MatchString(v.expect)
		}
		if !found {
			t.Errorf("%s: no vector has the fault %q", where, format)
		}
	}
}

// faults reads the format string of every fault in the sources of the decoder and
// the judge.
func faults(t *testing.T) map[string]string {
	found := map[string]string{}
	fset := token.NewFileSet()
	for file, function := range map[string]string{
		"../decode.go": "faultAt", "../floor.go": "faultAt", "read.go": "fault",
		"../../judge/judge.go": "fault", "../../judge/room.go": "fault", "../../judge/files.go": "fault", "../../judge/sorted.go": "fault",
	} {
		tree, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if fun, ok := call.Fun.(*ast.Ident); ok && fun.Name == function {
				place := fset.Position(call.Pos())
				found[place.String()] = formatOf(t, place, call)
			}
			return true
		})
	}
	if len(found) < 70 {
		t.Fatalf("only %d faults found in the sources", len(found))
	}
	return found
}

// formatOf is the first string among a call's arguments.
func formatOf(t *testing.T, place token.Position, call *ast.CallExpr) string {
	t.Helper()
	for _, argument := range call.Args {
		if lit, ok := argument.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			format, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			return format
		}
	}
	t.Fatalf("%s: the fault is not a literal", place)
	return ""
}

var verb = regexp.MustCompile(`%[.0-9]*[a-z]`)

func faultPattern(format string) string {
	parts := verb.Split(format, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, ".*")
}

func writeVectors(t *testing.T) {
	old, _ := filepath.Glob(vectors + "/*.vector")
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(vectors, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, v := range generate(t) {
		if err := os.WriteFile(filepath.Join(vectors, name+".vector"), []byte(v.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func generate(t *testing.T) map[string]vector {
	t.Helper()
	all := map[string]vector{"good": {"accept", "accept", "two rooms that use every record of the format", good(t)}}
	for name, d := range defects {
		b := d.spoil(good(t))
		v := vector{verdict(b), bay0Verdict(b), d.comment, b}
		if v.expect == "accept" {
			t.Errorf("%s: it is accepted", name)
		}
		if bytes.Equal(b, good(t)) {
			t.Errorf("%s: the generator changed nothing", name)
		}
		all[name] = v
	}
	return all
}

func good(t *testing.T) []byte {
	t.Helper()
	b, err := encode.Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Offsets in the sample's blob, for the defects.

func tableAt(b []byte, table int) int {
	at := wire.HeaderSize
	for t := range table {
		at += count(b, t) * wire.Layout[t].Size
	}
	return at
}

func count(b []byte, table int) int {
	return int(binary.LittleEndian.Uint32(b[wire.HeaderCounts+4*table:]))
}

func record(b []byte, table, i int) int { return tableAt(b, table) + i*wire.Layout[table].Size }

// set32 and set64 return generators that overwrite one field of one record, by its
// name in docs/FORMAT.md.
func set32(table, i int, field string, value uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.LittleEndian.PutUint32(b[record(b, table, i)+fieldAt(tableFields[table], field):], value)
		return b
	}
}

func set64(table, i int, field string, value uint64) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.LittleEndian.PutUint64(b[record(b, table, i)+fieldAt(tableFields[table], field):], value)
		return b
	}
}

// setCount overwrites how many records a range has.
func setCount(table, i int, field string, value uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.LittleEndian.PutUint32(b[record(b, table, i)+fieldAt(tableFields[table], field)+4:], value)
		return b
	}
}

func headerField(name string) int { return fieldAt(headerFields, name) }

// header16 and header32 overwrite a field of the header.
func header16(field int, value uint16) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.LittleEndian.PutUint16(b[field:], value)
		return b
	}
}

func header32(field int, value uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.LittleEndian.PutUint32(b[field:], value)
		return b
	}
}

// grow adds n zero bytes at the end of a table and counts them as records.
func grow(table, n int) func([]byte) []byte {
	return func(b []byte) []byte {
		at := record(b, table, count(b, table))
		b = slices.Insert(b, at, make([]byte, n*wire.Layout[table].Size)...)
		header32(wire.HeaderCounts+4*table, uint32(count(b, table)+n))(b)
		return header32(headerField("length"), uint32(len(b)))(b)
	}
}
