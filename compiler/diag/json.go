package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReport is what WriteJSON writes. Field names are stable: they may be added
// to, never renamed. A place is absent where there is none.
type jsonReport struct {
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
}

type jsonDiagnostic struct {
	Severity string        `json:"severity"`
	Code     string        `json:"code"`
	Summary  string        `json:"summary"`
	Detail   string        `json:"detail,omitempty"`
	Hint     string        `json:"hint,omitempty"`
	Range    *jsonRange    `json:"range,omitempty"`
	Context  *jsonRange    `json:"context,omitempty"`
	Related  []jsonRelated `json:"related,omitempty"`
}

type jsonRelated struct {
	Message string     `json:"message"`
	Range   *jsonRange `json:"range,omitempty"`
}

type jsonRange struct {
	File  string    `json:"file"`
	Start *Position `json:"start,omitempty"`
	End   *Position `json:"end,omitempty"`
}

// WriteJSON writes the list for programs, sorted, as one object with the fields
// diagnostics, errors and warnings. Ranges are half-open; start and end are
// absent where a fault is about a file as a whole.
func (l List) WriteJSON(w io.Writer) error {
	l = l.Sorted()
	report := jsonReport{Diagnostics: []jsonDiagnostic{}, Errors: l.count(Error), Warnings: l.count(Warning)}
	for _, d := range l {
		report.Diagnostics = append(report.Diagnostics, d.json())
	}
	return writeIndented(w, report)
}

// writeIndented writes v as JSON without a byte that a terminal could take for a
// command: what encoding/json leaves as it is (DEL, C1 controls, bidirectional
// overrides) can only stand in strings, where JSON has an escape for it.
func writeIndented(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	if err == nil {
		_, err = w.Write(escapeJSON(b.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("cannot write diagnostics: %w", err)
	}
	return nil
}

func escapeJSON(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		if unicode.IsPrint(r) || r == '\n' {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			digits := strconv.FormatUint(uint64(unit), 16)
			out = append(append(out, `\u0000`[:6-len(digits)]...), digits...)
		}
	}
	return out
}

func (d Diagnostic) json() jsonDiagnostic {
	j := jsonDiagnostic{
		Severity: d.Severity.String(),
		Code:     d.Code.String(),
		Summary:  escape(d.Summary, false),
		Detail:   escape(d.Detail, true),
		Hint:     escape(d.Hint, true),
		Range:    d.Subject.json(),
		Context:  d.Context.json(),
	}
	for _, r := range d.Related {
		j.Related = append(j.Related, jsonRelated{Message: escape(r.Message, false), Range: r.Range.json()})
	}
	return j
}

func (r Range) json() *jsonRange {
	if !r.Valid() {
		return nil
	}
	j := &jsonRange{File: r.Name()}
	if r.HasText() {
		from, to := r.From(), r.To()
		j.Start, j.End = &from, &to
	}
	return j
}
