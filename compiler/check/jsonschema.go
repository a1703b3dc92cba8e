package check

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/compiler/seccomp"
	"github.com/anchor-os/anchor/compiler/source"
)

// JSONSchema gives the schema of passports, or of system.toml, as a JSON Schema, for
// editors that complete and underline as one types. It is made of what the CUE schema
// says of each key, and it refuses less: there is no unit, and no rule between keys, in
// a JSON Schema.
//
// It is one of draft 7 that keeps to what draft 4 has, which is all that some editors
// know (taplo, for one): enum for const, definitions for nothing.
func JSONSchema(system bool) ([]byte, error) {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	root := l.jsonSchema(l.root(system), system, nil)
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "a room's passport.toml"
	if system {
		root["title"] = "system.toml"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(root)
	return b.Bytes(), err
}

// object is one JSON object. It is written with its keys sorted.
type object = map[string]any

var jsonTypes = map[source.Kind]string{
	source.Table: "object", source.Array: "array", source.String: "string",
	source.Integer: "integer", source.Float: "number", source.Bool: "boolean",
}

// jsonSchema gives the schema of the value at a path.
func (l *language) jsonSchema(f *field, system bool, path []string) object {
	o := object{"type": jsonTypes[f.kind]}
	if text := sentences(f.doc, f.howto, f.expectation()); text != "" {
		o["description"] = text
	}
	if v := f.defaultValue(); v != nil {
		o["default"] = v.Plain()
	}
	f.asks().into(o, f.kind)
	if f.limits != nil && f.limits.unit == nil {
		o["maxLength"] = f.limits.max // of characters, of which none has less than a byte
	}
	switch f.kind {
	case source.Array:
		l.jsonList(o, f, system, path)
	case source.Table:
		l.jsonTable(o, f, system, path)
	}
	l.jsonNamed(o, system, strings.Join(path, "."))
	return o
}

// into says as a JSON Schema what CUE's own constraints ask.
func (a asked) into(o object, kind source.Kind) {
	set := func(key string, value int64) {
		if value > 0 {
			o[key] = value
		}
	}
	switch kind {
	case source.Integer:
		a.bounds(o)
	case source.String:
		set("maxLength", a.most)
		set("minLength", a.least)
	case source.Array:
		set("maxItems", a.most)
	case source.Table:
		set("maxProperties", a.most)
	}
	if len(a.words) > 0 && kind == source.String {
		o["enum"] = a.words
	}
	if len(a.forms) == 1 {
		o["pattern"] = a.forms[0]
	}
	var no []object
	for _, form := range a.not {
		no = append(no, object{"pattern": form})
	}
	if len(a.others) > 0 {
		no = append(no, object{"enum": a.others})
	}
	switch len(no) {
	case 0:
	case 1:
		o["not"] = no[0]
	default:
		o["not"] = object{"anyOf": no}
	}
}

func (a asked) bounds(o object) {
	if a.low != nil && a.high != nil && *a.low == *a.high {
		o["enum"] = []int64{*a.low}
		return
	}
	if a.low != nil {
		o["minimum"] = *a.low
	}
	if a.high != nil {
		o["maximum"] = *a.high
	}
}

func (l *language) jsonList(o object, f *field, system bool, path []string) {
	o["items"] = l.jsonSchema(f.items, system, path)
	if f.first != nil {
		o["minItems"] = 1
		if f.first.definition != f.items.definition {
			o["items"] = []object{l.jsonSchema(f.first, system, path)}
			o["additionalItems"] = l.jsonSchema(f.items, system, path)
		}
	}
	if f.distinct {
		o["uniqueItems"] = true
	}
}

func (l *language) jsonTable(o object, f *field, system bool, path []string) {
	members, required := object{}, []string{}
	for _, name := range f.order {
		child := f.members[name]
		members[name] = l.jsonSchema(child, system, append(slices.Clone(path), name))
		if child.required {
			required = append(required, name)
		}
	}
	if len(members) > 0 {
		o["properties"] = members
	}
	if len(required) > 0 {
		o["required"] = required
	}
	if f.pattern != nil {
		o["patternProperties"] = object{f.form.String(): l.jsonSchema(f.pattern, system, append(slices.Clone(path), "*"))}
	}
	o["additionalProperties"] = false
}

// jsonNamed adds the names that passports choose from and CUE's shape does not list,
// and what the listed ones mean, as taplo shows it.
func (l *language) jsonNamed(o object, system bool, path string) {
	if o["type"] != "string" {
		return
	}
	switch {
	case system && path == "kernel.command-line":
		o["anyOf"] = l.jsonParameters()
	case !system && path == "system-calls.allow.call":
		o["enum"] = slices.DeleteFunc(seccomp.Names(), func(name string) bool {
			_, forbidden := seccomp.Forbidden(name)
			return forbidden
		})
	case !system && path == "capabilities.allow.capability":
		o["enum"] = slices.Sorted(maps.Keys(l.grantable))
	case !system && path == "system-calls.deny.call":
		o["enum"] = slices.DeleteFunc(slices.Compact(sorted(slices.Concat(slices.Collect(maps.Values(l.profiles))...))),
			func(name string) bool { return slices.Contains(launcherCalls, name) })
	default:
		words, _ := o["enum"].([]string)
		meanings := l.named(system, strings.Split(path, "."))
		var all []string
		for _, word := range words {
			if meaning, ok := meanings[word]; ok {
				all = append(all, meaning)
			}
		}
		if len(all) > 0 && len(all) == len(words) {
			o["x-taplo"] = object{"docs": object{"enumValues": all}}
		}
	}
}

// jsonParameters gives the kernel's parameters twice: those with one spelling, to
// choose from, and all of them as a pattern, in which - and _ are the same.
func (l *language) jsonParameters() []object {
	var spelled, forms []string
	for _, name := range slices.Sorted(maps.Keys(l.allowed)) {
		p := l.allowed[name]
		form := strings.ReplaceAll(regexp.QuoteMeta(name), "_", "[-_]")
		switch {
		case p.Flag:
			spelled = append(spelled, name)
		case p.Form != "":
			form += "=(" + strings.TrimSuffix(strings.TrimPrefix(p.Form, "^"), "$") + ")"
		default:
			var values []string
			for _, value := range p.Values {
				spelled = append(spelled, name+"="+value)
				values = append(values, regexp.QuoteMeta(value))
			}
			form += "=(" + strings.Join(values, "|") + ")"
		}
		forms = append(forms, form)
	}
	return []object{{"enum": spelled}, {"pattern": "^(" + strings.Join(forms, "|") + ")$"}}
}
