package bay0

import (
	"bytes"
	"go/scanner"
	"go/token"
)

// Lines counts lines of code as tokei does: those that are neither blank nor only
// comment. A line in the middle of a raw string is code unless it is blank.
func Lines(text []byte) int {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0) // comments are left out; what is malformed does not build
	code := map[int]bool{}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue // the end of the line, or of the file
		}
		first := file.PositionFor(pos, false).Line // where it is, whatever a //line directive says
		for i := range bytes.Count([]byte(literal), []byte("\n")) + 1 {
			code[first+i] = true
		}
	}
	n := 0
	for i, line := range bytes.Split(text, []byte("\n")) {
		if code[i+1] && len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}
