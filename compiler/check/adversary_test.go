package check

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	schema "github.com/anchor-os/anchor/cue"
	"github.com/anchor-os/anchor/policy"
)

const (
	fileSize = 64 << 10 // of the largest file that is read
	values   = 1990     // nearly as many keys and values as a file may have
)

// adversary makes files that cost a reader, CUE or the rules as much as they can,
// by what makes them costly.
func adversary(t testing.TB) map[string]string {
	valid := string(load(parse(t, "testdata/valid/rooms.txtar"))["web/passport.toml"].Data)
	system := "system = 1\npolicy = { version = 1, floor = 1 }\nbudget = { memory = '1GiB', pids = 64 }\n"
	each := func(n int, line string) string { // %d in line counts
		var b strings.Builder
		for i := range n {
			if strings.Contains(line, "%") {
				fmt.Fprintf(&b, line, i)
			} else {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	deep := "{a={a={a={a={a={a={a={a={a={a={a={a={a={a={}}}}}}}}}}}}}}}"
	return map[string]string{
		"nothing at all":                    "",
		"brackets":                          "a=" + each(fileSize-2, "["),
		"inline tables in one another":      "a=" + each(fileSize/4, "{a="),
		"deep tables side by side":          "a=[" + each(130, deep+",") + "]",
		"dotted keys":                       each(220, "a%d.b.c.d.e.f.g.h=1\n"),
		"one dotted key":                    each(fileSize/2-10, "a.") + "a=1",
		"headers":                           each(values, "[a%d]\n"),
		"headers of eight parts":            each(220, "[a.b.c.d.e.f.g.h%d]\n"),
		"tables in a list":                  each(values, "[[a]]\n"),
		"a long key":                        each(fileSize-10, "k") + "=1",
		"a long key below a table":          valid + "[room.environment]\n" + each(fileSize-600, "K") + "=''",
		"a long string":                     "a='" + each(fileSize-10, "s") + "'",
		"a string of escapes":               "a=\"" + each(fileSize/6-10, `\u00e9`) + "\"",
		"a string of wide characters":       "description='" + each(fileSize/3-20, "漢") + "'",
		"a long comment":                    "#" + each(fileSize-1, "c"),
		"line ends":                         each(fileSize, "\n"),
		"unknown keys":                      each(values/2, "k%d=1\n"),
		"unknown keys of a table":           "[room]\n" + each(values/2, "nam%d=1\n"),
		"unknown keys of a listed table":    each(values/4, "[[socket]]\nk%d=1\n"),
		"values of a wrong type":            "[room]\nafter=[" + each(values, "1,") + "]",
		"names of a wrong form":             "[room]\nafter=[" + each(values, "'A',") + "]",
		"the same name again and again":     "[room]\nafter=['a'" + each(values-10, ",'a'") + "]",
		"arguments":                         "[room]\nexec=['/a'" + each(values-10, ",'%d'") + "]",
		"ports":                             "[network]\nmode='host'\nbind=[" + each(values-10, "%d,") + "]",
		"variables":                         "[room.environment]\n" + each(values/2, "A%d=''\n"),
		"variables with names of no form":   "[room.environment]\n" + each(values/2, "a%d=''\n"),
		"variables that are reserved":       valid + "[room.environment]\n" + each(60, "LD_%d=''\n"),
		"file systems":                      each(values/5, "[[filesystem.tmpfs]]\npath='/t%d'\nsize='4KiB'\n"),
		"file systems below one another":    valid + each(32, "[[filesystem.tmpfs]]\npath='/t"+each(120, "/t")+"'\nsize='4KiB'\n"),
		"sockets with many clients":         valid + each(32, "[[socket]]\nname='s%d'\nclients=['a'"+each(50, ",'b'")+"]\n"),
		"system calls that there are not":   valid + each(values/5, "[[system-calls.allow]]\ncall='openatt%d'\nreason='It has to be there'\n"),
		"the same system call":              valid + each(values/5, "[[system-calls.allow]]\ncall='sync'\nreason='It has to be there'\n"),
		"kernel parameters that nobody has": system + "kernel.command-line=[" + each(values-20, "'p%d',") + "]",
		"a command line that is too long":   system + "kernel.command-line=[" + each(values-20, "'kfence.sample_interval=999999',") + "]",
		"partitions":                        system + "data.partitions=[" + each(values-20, "'p%d',") + "]",
		"required rooms":                    system + "boot.required-rooms=[" + each(values-20, "'w%d',") + "]",
	}
}

// fileOf tells which file a text is meant for.
func fileOf(text string) string {
	if strings.HasPrefix(text, "system = 1") {
		return "system.toml"
	}
	return "web/passport.toml"
}

// judgeAlone does all that check does with one file, up to the messages.
func judgeAlone(t testing.TB, text string) diag.List {
	files := load(parse(t, "testdata/valid/rooms.txtar"))
	files[fileOf(text)].Data = []byte(text)
	tree, faults := source.ReadTree(files, "rooms")
	l, err := compile(schema.Files)
	if err != nil {
		t.Fatal(err)
	}
	_, more := l.check(tree)
	faults = append(faults, more...)
	render(t, faults)
	return faults
}

// TestNoFileTakesMuchMemory asks the kernel for the most memory that passportc check
// ever had, for each of these files, and for as many rooms as there can be.
func TestNoFileTakesMuchMemory(t *testing.T) {
	const most = 256 << 10 // KiB, as the kernel counts it (getrusage(2))
	bin := t.TempDir()
	goCommand(t, bin, "build", "-o", bin, "github.com/anchor-os/anchor/cmd/passportc")
	command := filepath.Join(bin, "passportc")
	for name, text := range adversary(t) {
		if len(text) > fileSize {
			t.Errorf("%s: %d bytes, so it is not read at all", name, len(text))
		}
		dir := t.TempDir()
		for file, f := range load(parse(t, "testdata/valid/rooms.txtar")) {
			put(t, dir, file, string(f.Data))
		}
		put(t, dir, fileOf(text), text)
		if code, peak := peakOf(t, command, "check", dir); code != 1 || peak > most {
			t.Errorf("%s: exit code %d, %d KiB", name, code, peak)
		}
	}
	dir := t.TempDir()
	for name, text := range machine(policy.MaxRooms) {
		put(t, dir, name, text)
	}
	if code, peak := peakOf(t, command, "check", dir); code != 0 || peak > most {
		t.Errorf("%d rooms: exit code %d, %d KiB", policy.MaxRooms, code, peak)
	}
}

// peakOf gives the exit code of a command and the most memory that it had, in KiB.
func peakOf(t *testing.T, command string, args ...string) (code int, peak int64) {
	t.Helper()
	c := exec.Command(command, args...)
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
}

// BenchmarkAdversary is how long check takes for each of these files, the schema's
// compilation included.
func BenchmarkAdversary(b *testing.B) {
	for name, text := range adversary(b) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				judgeAlone(b, text)
			}
		})
	}
}
