package check

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDocument(t *testing.T) {
	tests := []struct {
		paths []string
		want  Documentation
	}{
		{
			[]string{"room.resources.pids", "resources.pids"},
			Documentation{
				Path: []string{"resources", "pids"}, Type: "an integer", Required: true, Allowed: "From 16 to 32768.",
				Text: "How many processes and threads the room may have at once. A Go program needs about 16.",
			},
		},
		{
			[]string{"room.resources.memory", "resources.memory"},
			Documentation{
				Path: []string{"resources", "memory"}, Type: "a table", Required: true,
				Text: "How much memory the room may use, its tmpfs included. There is no swap.",
				Members: []Member{
					{
						Name: "max", Type: "a string", Required: true,
						Text: "The limit.", Bounds: "From 1MiB to 1TiB, in steps of 4KiB.",
					},
					{
						Name: "high", Type: "a string", Bounds: "From 1MiB to 1TiB, in steps of 4KiB.",
						Text: "From here on the kernel slows the room down and takes memory back, so that it notices before it dies at max.",
					},
				},
			},
		},
		{
			[]string{"room.resources.memory.max"},
			Documentation{
				Path: []string{"resources", "memory", "max"}, Type: "a string", Required: true,
				Text:    "The limit. At it, the kernel kills the process that asked for more.",
				Allowed: `A number of bytes is written as a whole number and KiB, MiB, GiB or TiB, such as "64MiB". From 1MiB to 1TiB, in steps of 4KiB.`,
			},
		},
		{
			[]string{"room.socket.type", "socket.type", "socket[0].type", "socket[].type"},
			Documentation{
				Path: []string{"socket", "type"}, Type: "a string", Default: `"stream"`,
				Text:    `How what goes through it is cut: "stream" not at all; "datagram" and "seqpacket" into messages, without a connection and with one.`,
				Allowed: `It can be "stream", "datagram" or "seqpacket".`,
			},
		},
		{
			[]string{"network.bind", "room.network.bind"},
			Documentation{
				Path: []string{"network", "bind"}, Type: "a list of integers", Allowed: "From 1 to 65535. At most 128 entries.",
				Text: "The TCP ports that the room may listen on, at any address of the machine. A port below 1024 needs the capability NET_BIND_SERVICE.",
			},
		},
		{
			[]string{"system.budget.memory", "budget.memory"},
			Documentation{
				Path: []string{"budget", "memory"}, System: true, Type: "a string", Required: true,
				Text:    "The memory of all rooms together.",
				Allowed: `A number of bytes is written as a whole number and KiB, MiB, GiB or TiB, such as "64MiB". From 1MiB to 4TiB, in steps of 4KiB.`,
			},
		},
		{
			[]string{"system.boot.on-failure"},
			Documentation{
				Path: []string{"boot", "on-failure"}, System: true, Type: "a string", Default: `"reset"`,
				Text:    `What the machine does when it cannot go on: "reset" starts it again, "power-off" leaves it off.`,
				Allowed: `It can be "reset" or "power-off".`,
			},
		},
		{
			[]string{"devices.classes.rng"},
			Documentation{
				Path: []string{"devices", "classes", "rng"}, Contents: []string{"/dev/hwrng (read only)"},
				Text: "the hardware's random numbers, raw, such as the kernel's own generator is fed with. For programs that test or distribute them; for keys take getrandom(2), which every room has.",
			},
		},
		{
			[]string{"system.kernel.command-line.panic"},
			Documentation{
				Path: []string{"kernel", "command-line", "panic"}, System: true,
				Text: `panic can only be "-1": the end of Bay0 must reset the machine at once, so that the other slot can boot.`,
			},
		},
	}
	for _, tt := range tests {
		for _, path := range tt.paths {
			got, near := Document(path)
			if got == nil {
				t.Errorf("%s: nothing but %q", path, near)
			} else if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
	}
}

func TestDocumentOfAProfile(t *testing.T) {
	d, _ := Document("system-calls.profile")
	if d == nil || len(d.Members) < 2 || d.Members[0].Name != "baseline" {
		t.Fatalf("got %+v", d)
	}
	for _, m := range d.Members {
		profile, _ := Document("room.system-calls.profile." + m.Name)
		if profile == nil || !strings.HasPrefix(profile.Text, strings.TrimSuffix(m.Text, ".")) || len(profile.Contents) < 50 {
			t.Errorf("%s: got %+v", m.Name, profile)
		}
	}
}

func TestDocumentOfWhatIsNot(t *testing.T) {
	for _, tt := range []struct {
		path string
		want []string
	}{
		{"room.resources.memroy", []string{"resources.memory"}},
		{"resources.memory.maximum", []string{"resources.memory.max"}},
		{"system.bugdet", []string{"system.budget"}},
		{"room.pids", []string{"resources.pids", "system.budget.pids"}},
		{"baseline", []string{"system-calls.profile.baseline"}},
		{"", nil},
		{"...", nil},
		{strings.Repeat("a.", 10_000), nil},
	} {
		d, near := Document(tt.path)
		if d != nil {
			t.Errorf("%.40s: got %+v", tt.path, *d)
		}
		if diff := cmp.Diff(tt.want, near); diff != "" {
			t.Errorf("%.40s (-want +got)\n%s", tt.path, diff)
		}
	}
}

// hiddenName matches the names in the schema that are no part of the language.
var hiddenName = regexp.MustCompile(`(^|[^A-Za-z0-9])(_[a-z]|#[A-Z])`)

// Every path has something to be said about it, and what a room may say can be asked
// with "room." before it.
func TestDocumentedPaths(t *testing.T) {
	all := DocumentedPaths()
	if len(all) < 100 {
		t.Fatalf("only %d paths", len(all))
	}
	for _, path := range all {
		d, _ := Document(path)
		switch {
		case d == nil:
			t.Errorf("%s is not found", path)
		case d.Text == "":
			t.Errorf("%s has no text", path)
		case hiddenName.MatchString(d.Text):
			t.Errorf("the text of %s speaks of what only the schema's authors see: %s", path, d.Text)
		case d.System != strings.HasPrefix(path, "system."):
			t.Errorf("%s is found in the other file", path)
		}
		if again, _ := Document("room." + path); !strings.HasPrefix(path, "system.") && again == nil {
			t.Errorf("room.%s is not found", path)
		}
	}
}
