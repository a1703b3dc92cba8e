// Package schema holds the language of passports: what a room and a system may
// say, in CUE. It is the only home of these constraints, of the defaults and of
// the words that explain them; package check compiles it and judges by it.
package schema

import "embed"

// Files are the schema's sources, all of one CUE package.
//
//go:embed *.cue
var Files embed.FS
