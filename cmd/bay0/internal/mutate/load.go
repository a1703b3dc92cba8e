package mutate

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// loadedPackage is a package of Bay0 with its types, for the machine that it is
// built for.
type loadedPackage struct {
	fset    *token.FileSet
	info    *types.Info
	names   []string // of the files
	files   []*ast.File
	sources [][]byte
}

type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// load reads packages below dir. The types of what they import come from the go
// command's own build (go help list, -export).
func load(dir string, packages []string) ([]*loadedPackage, error) {
	all, err := list(dir, packages)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) })
	var loaded []*loadedPackage
	for _, name := range packages {
		p, err := check(fset, imports, all, filepath.Join(dir, folder(name)))
		if err != nil {
			return nil, fmt.Errorf("cannot read package %s: %w", name, err)
		}
		loaded = append(loaded, p)
	}
	return loaded, nil
}

func list(dir string, packages []string) (map[string]listed, error) {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles"}
	for _, p := range packages {
		args = append(args, "./"+folder(p))
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list packages: %w", err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
}

// folder is where a package lies. Bay0's own is main.
func folder(name string) string {
	if name == "main" {
		return ""
	}
	return "internal/" + name
}

func check(fset *token.FileSet, imports types.Importer, all map[string]listed, dir string) (*loadedPackage, error) {
	p := &loadedPackage{fset: fset, info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	path := ""
	for _, found := range all {
		if found.Dir == dir {
			path = found.ImportPath
		}
	}
	for _, file := range all[path].GoFiles {
		at := filepath.Join(dir, file)
		source, err := os.ReadFile(at)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(fset, at, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.names, p.files, p.sources = append(p.names, at), append(p.files, tree), append(p.sources, source)
	}
	_, err := (&types.Config{Importer: imports}).Check(path, fset, p.files, p.info)
	return p, err
}
