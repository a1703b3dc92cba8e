package check

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/parser"

	"github.com/anchor-os/anchor/compiler/source"
	schema "github.com/anchor-os/anchor/cue"
)

// language is the compiled schema. CUE's evaluation is not safe for concurrent
// use, so whoever judges by it holds the lock.
type language struct {
	sync.Mutex
	files    fs.FS // that it was compiled from
	ctx      *cue.Context
	room     document
	system   document
	profiles map[string][]string // system calls by profile
	devices  map[string][]node   // by class
	words
	accepted accepted
}

// document is the schema of one kind of file.
type document struct {
	name  string    // for messages
	shape cue.Value // closed
	rules []*rules  // between the values of that shape
	root  *field
}

// node is a device of a class.
type node struct {
	Path     string `json:"path"`
	Major    uint32 `json:"major"`
	Minor    uint32 `json:"minor"`
	Writable bool   `json:"writable"`
}

// theLanguage compiles the schema on first use. The schema is part of the
// program: if it does not compile, no input can help, so that is a panic.
var theLanguage = sync.OnceValue(func() *language {
	l, err := compile(schema.Files)
	if err != nil {
		panic(fmt.Sprintf("the schema in cue/ is broken: %v", err))
	}
	return l
})

func compile(files fs.FS) (*language, error) {
	parsed, err := parseAll(files)
	if err != nil {
		return nil, err
	}
	words, err := takeWords(parsed)
	if err != nil {
		return nil, err
	}
	instance := build.NewContext().NewInstance("", nil)
	for _, file := range parsed {
		if err := instance.AddSyntax(file); err != nil {
			return nil, err
		}
	}
	if err := instance.Complete(); err != nil {
		return nil, err
	}
	l := &language{files: files, ctx: cuecontext.New(), words: words}
	v := l.ctx.BuildInstance(instance)
	if err := v.Err(); err != nil {
		return nil, err
	}
	return l, l.read(v, instance.Files)
}

// parseAll parses the schema's files, in order.
func parseAll(files fs.FS) ([]*ast.File, error) {
	names, err := fs.Glob(files, "*.cue")
	if err != nil {
		return nil, err
	}
	parsed, faults := make([]*ast.File, len(names)), make([]error, len(names))
	spread(len(names), runtime.GOMAXPROCS(0), func(int) func(i int) {
		return func(i int) {
			text, err := fs.ReadFile(files, names[i])
			if err == nil {
				parsed[i], err = parser.ParseFile(names[i], text, parser.ParseComments)
			}
			faults[i] = err
		}
	})
	return parsed, errors.Join(faults...)
}

// Files with one item in each list that is resolved.
const (
	leastSystem = "network = {}"
	leastRoom   = "filesystem = {tmpfs = [{}], volumes = [{}]}\nsocket = [{}]\nconnect = [{}]\nsystem-calls = {allow = [{}], deny = [{}]}\ncapabilities = {allow = [{}]}"
)

// canResolve tries whether the schema says all that the values of a file need, such
// as the unit of each size: a schema that does not would give a policy of zeros.
func (l *language) canResolve() error {
	for _, doc := range []struct {
		text    string
		root    *field
		resolve func(reader)
	}{
		{leastSystem, l.system.root, func(r reader) { l.resolveSystem(r) }},
		{leastRoom, l.room.root, func(r reader) { l.resolveRoom(r) }},
	} {
		file, faults := source.Parse("", []byte(doc.text))
		if file == nil {
			return errors.New(faults[0].Summary)
		}
		r := newReader(file, doc.root)
		doc.resolve(r)
		if *r.lack != nil {
			return *r.lack
		}
	}
	return nil
}

// read takes the parts of the schema from its value.
func (l *language) read(v cue.Value, files []*ast.File) error {
	for _, d := range []struct {
		into         *document
		name         string
		shape, rules string
	}{
		{&l.room, "a passport", "#Room", "#RoomRules"},
		{&l.system, "system.toml", "#System", "#SystemRules"},
	} {
		*d.into = document{name: d.name, shape: v.LookupPath(cue.ParsePath(d.shape))}
		groups := v.LookupPath(cue.ParsePath(d.rules))
		if !d.into.shape.Exists() || !groups.Exists() {
			return fmt.Errorf("%s or %s is missing", d.shape, d.rules)
		}
		root, err := readField(d.into.shape)
		if err != nil {
			return err
		}
		d.into.root = root
		if d.into.rules, err = readRules(groups, files, d.rules, d.into.root); err != nil {
			return err
		}
	}
	profiles := map[string]string{}
	for _, t := range []struct {
		path string
		into any
	}{
		{"profiles", &profiles},
		{"deviceClasses", &l.devices},
	} {
		if err := v.LookupPath(cue.ParsePath(t.path)).Decode(t.into); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
	}
	l.profiles = map[string][]string{}
	for name, calls := range profiles {
		l.profiles[name] = strings.Fields(calls)
	}
	return nil
}
