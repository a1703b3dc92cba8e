// Package source reads the TOML of a rooms directory into values that know their
// places. It is the only importer of TOML libraries.
//
// A file passes four stages, and the first that finds a fault is the last:
//
//  1. bytes: size, UTF-8, no byte order mark, no control characters
//  2. structure: one pass that finds the place of every key and value and holds
//     the file to the limits (pelletier/go-toml's unstable parser)
//  3. reading: BurntSushi/toml, whose values count, and pelletier/go-toml
//  4. agreement: structure and both readings must be the same. A file that two
//     readers take for different things would let a reviewer see another policy
//     than the one that is enforced.
package source

import "github.com/anchor-os/anchor/compiler/diag"

// File is one parsed file.
type File struct {
	Source *diag.Source
	Root   *Value // a Table
}

// Parse reads a file that is called name in diagnostics. It returns a file or at
// least one error, never both.
func Parse(name string, text []byte) (*File, diag.List) {
	if len(text) > maxFile {
		return nil, tooLarge(diag.NewSource(name, nil), int64(len(text)))
	}
	src := diag.NewSource(name, append(make([]byte, 0, len(text)), text...))
	if faults := checkBytes(src); faults.HasErrors() {
		return nil, faults
	}
	root, faults := readStructure(src)
	if faults.HasErrors() {
		return nil, faults
	}
	if faults := readValues(src, root); faults.HasErrors() {
		return nil, faults
	}
	return &File{Source: src, Root: root}, nil
}
