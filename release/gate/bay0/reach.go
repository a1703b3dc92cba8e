package bay0

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/anchor-os/anchor/compiler/diag"
)

// imports gives the place at which a file imports each package.
func imports(source *diag.Source) (map[string]diag.Range, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, source.Name, source.Text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	places := map[string]diag.Range{}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		places[name] = source.Range(set.Position(spec.Path.Pos()).Offset, set.Position(spec.Path.End()).Offset)
	}
	return places, nil
}

// unsafe judges a file that can do what Go does not check.
func (j *judge) unsafe(name string, places map[string]diag.Range) {
	for _, what := range []string{"unsafe", "C"} {
		at, there := places[what]
		if !there {
			continue
		}
		j.used = append(j.used, name)
		approved := slices.ContainsFunc(j.Law.Approvals, func(a Approval) bool { return a.File == name })
		switch {
		case what == "C" || !approved:
			d := j.error(diag.UnsafeUnapproved, at, "%s imports %s, which is not approved", name, what)
			d.Detail = "What it does with memory, nothing checks."
			d.Hint = "do without; or, once it was reviewed, name the file with the reason in an unsafe block of the law"
		case !strings.HasSuffix(name, "_unsafe.go"):
			d := j.error(diag.UnsafeUnapproved, at, "%s imports %s and is not named so", name, what)
			d.Detail = "A file with unsafe is named *_unsafe.go, so that its name shows in every review."
		}
	}
}

// hidden judges a file's imports of what no build has that was judged: the file is left
// out by its name or a constraint, and another system or a tag would bring it in.
func (j *judge) hidden(name string, places map[string]diag.Range) {
	for _, path := range slices.Sorted(maps.Keys(places)) {
		if path == "C" || slices.ContainsFunc(j.Packages, func(p Package) bool { return p.ImportPath == path }) {
			continue
		}
		d := j.error(diag.ImportForbidden, places[path], "%s imports %s, which was not judged", name, path)
		d.Detail = "No build for arm64 or amd64 has the package; a tag, or another system, would bring it in with all that it imports."
		if ban := slices.IndexFunc(j.Law.Bans, func(b Ban) bool { return b.bans(path) }); ban >= 0 {
			d.Related = []diag.Related{{Message: "the ban", Range: j.Law.place(j.Law.Bans[ban].Head)}}
		}
	}
}

// approvals refuses those that nothing needs: they would let in what nobody reviewed.
func (j *judge) approvals() {
	for _, a := range j.Law.Approvals {
		if !slices.Contains(j.used, a.File) {
			d := j.error(diag.ApprovalNeedless, j.Law.place(a.Head), "%s does not use unsafe, or is no file of the program", diag.Quote(a.File))
			d.Detail = "Who put unsafe there later would find it approved."
			d.Hint = "delete the block"
		}
	}
}

// reach judges all packages that are linked into the program.
func (j *judge) reach() error {
	for _, p := range j.Packages {
		ban := slices.IndexFunc(j.Law.Bans, func(b Ban) bool { return b.bans(p.ImportPath) })
		foreign := p.Module != nil && !p.Module.Main
		if ban < 0 && !foreign {
			continue
		}
		way, at, err := j.way(p.ImportPath)
		switch {
		case err != nil:
			return err
		case ban >= 0:
			j.banned(p, j.Law.Bans[ban], way, at)
		default:
			j.module(p, way, at)
		}
	}
	return nil
}

func (b Ban) bans(path string) bool { return path == b.Path || strings.HasPrefix(path, b.Path+"/") }

func (j *judge) banned(p Package, b Ban, way string, at diag.Range) {
	d := j.error(diag.ImportForbidden, at, "%s reaches %s, which is forbidden", Entry, p.ImportPath)
	d.Detail = fmt.Sprintf("%s. The way there is %s.", strings.ToUpper(b.Reason[:1])+b.Reason[1:], way)
	d.Related = []diag.Related{{Message: "the ban", Range: j.Law.place(b.Head)}}
}

// module judges a package of another module.
func (j *judge) module(p Package, way string, at diag.Range) {
	i := slices.IndexFunc(j.Modules, func(m Module) bool { return m.Path == p.Module.Path })
	switch {
	case i < 0 || !j.Modules[i].MayImport(Entry):
		d := j.error(diag.ModuleUnlisted, at, "%s reaches %s, of a module that it may not use", Entry, p.ImportPath)
		d.Detail = fmt.Sprintf("The way there is %s. No line of %s for %s names %s as its user.", way, ModulesFile, p.Module.Path, Entry)
	case !slices.Contains(j.Law.Licences, j.Modules[i].Licence):
		d := j.error(diag.ModuleUnlisted, j.Modules[i].Place, "%s uses %s, whose licence %s is not among those allowed", Entry, p.Module.Path, j.Modules[i].Licence)
		d.Detail = "Allowed are " + strings.Join(j.Law.Licences, ", ") + "."
	}
}

// way finds the shortest way of imports to a package, and the import with which it
// leaves this module.
func (j *judge) way(to string) (string, diag.Range, error) {
	byPath := map[string]Package{}
	entry := ""
	for _, p := range j.Packages {
		byPath[p.ImportPath] = p
		if p.folder() == Entry {
			entry = p.ImportPath
		}
	}
	from := map[string]string{entry: ""}
	for queue := []string{entry}; len(queue) > 0 && from[to] == ""; queue = queue[1:] {
		for _, next := range byPath[queue[0]].Imports {
			if _, seen := from[next]; !seen {
				from[next] = queue[0]
				queue = append(queue, next)
			}
		}
	}
	names, at := []string{}, j.Law.whole()
	for step := to; step != ""; step = from[step] {
		name := step
		if p := byPath[step]; p.own() {
			name = p.folder()
		}
		names = append([]string{name}, names...)
		if p := byPath[from[step]]; p.own() && !byPath[step].own() {
			place, err := j.importOf(p, step)
			if err != nil {
				return "", at, err
			}
			at = place
		}
	}
	return strings.Join(names, " → "), at, nil
}

// importOf finds the place at which a package of this module imports another one.
func (j *judge) importOf(p Package, imported string) (diag.Range, error) {
	for _, name := range p.files() {
		source, err := j.source(path.Join(p.folder(), name))
		if err != nil {
			return diag.Range{}, err
		}
		places, err := imports(source)
		if err != nil {
			return diag.Range{}, err
		}
		if at, there := places[imported]; there {
			return at, nil
		}
	}
	return j.Law.whole(), nil
}
