package diag

import (
	"io"
	"net/url"
	"path"
	"strings"
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF is what a log says beside its results. Section numbers are those of the
// SARIF 2.1.0 specification (OASIS, errata 01).
type SARIF struct {
	// Help explains a code: plain text and Markdown, both "" if there is nothing to
	// say beyond its title. It may be nil.
	Help func(Code) (text, markdown string)

	// Path gives for a source's name a path relative to the root of what was judged,
	// so that no path of this machine gets into a log. Nil leaves names as they are.
	Path func(name string) string
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"` // §3.14.17
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string        `json:"id"`
	ShortDescription sarifMessage  `json:"shortDescription"`
	Help             *sarifMessage `json:"help,omitempty"`
}

type sarifMessage struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
	Related   []sarifLocation `json:"relatedLocations,omitempty"`
}

type sarifLocation struct {
	ID       int            `json:"id,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Message  *sarifMessage  `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

// sarifRegion is half-open, as a Range is (§3.30.8).
type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

// WriteSARIF writes the list for tools that collect findings, sorted, as one log
// of SARIF 2.1.0. Columns count Unicode code points, as a Position does. The log
// depends on the list and s alone: it has no time and no machine in it.
func (l List) WriteSARIF(w io.Writer, s SARIF) error {
	l = l.Sorted()
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "passportc", Rules: []sarifRule{}}
	rules := map[Code]int{}
	for _, d := range l {
		index, known := rules[d.Code]
		if !known {
			index = len(rules)
			rules[d.Code] = index
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, s.rule(d.Code))
		}
		run.Results = append(run.Results, s.result(d, index))
	}
	return writeIndented(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func (s SARIF) rule(c Code) sarifRule {
	rule := sarifRule{ID: c.String(), ShortDescription: message(c.Title())}
	if s.Help == nil {
		return rule
	}
	if text, markdown := s.Help(c); text != "" {
		help := message(text)
		help.Markdown = braces.Replace(markdown)
		rule.Help = &help
	}
	return rule
}

func (s SARIF) result(d Diagnostic, rule int) sarifResult {
	r := sarifResult{RuleID: d.Code.String(), RuleIndex: rule, Level: d.Severity.String(), Message: message(d.sentences())}
	if at := s.physical(d.Subject); at != nil {
		r.Locations = []sarifLocation{{Physical: at}}
	}
	for i, other := range d.Related {
		m := message(escape(other.Message, false))
		r.Related = append(r.Related, sarifLocation{ID: i + 1, Physical: s.physical(other.Range), Message: &m})
	}
	return r
}

func (s SARIF) physical(r Range) *sarifPhysical {
	if !r.Valid() {
		return nil
	}
	name := r.Name()
	if s.Path != nil {
		name = s.Path(name)
	}
	at := &sarifPhysical{Artifact: sarifArtifact{URI: (&url.URL{Path: path.Clean(name)}).String()}}
	if r.HasText() {
		from, to := r.From(), r.To()
		at.Region = &sarifRegion{from.Line, from.Column, to.Line, to.Column}
	}
	return at
}

// sentences puts a whole diagnostic but its places into paragraphs, of which the
// first is the fault.
func (d Diagnostic) sentences() string {
	text := escape(d.Summary, false)
	if d.Detail != "" {
		text += "\n\n" + escape(d.Detail, true)
	}
	if d.Hint != "" {
		text += "\n\nhint: " + escape(d.Hint, true)
	}
	return text
}

// In a message, braces would name an argument (§3.11.5), and a value from the input
// could look like a link (§3.11.6).
var (
	braces = strings.NewReplacer("{", "{{", "}", "}}")
	links  = strings.NewReplacer("{", "{{", "}", "}}", "](", "] (")
)

func message(text string) sarifMessage { return sarifMessage{Text: links.Replace(text)} }
