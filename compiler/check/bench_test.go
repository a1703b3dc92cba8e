package check

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/anchor-os/anchor/compiler/source"
	schema "github.com/anchor-os/anchor/cue"
)

// machine makes a rooms directory of n rooms in which no two are alike: they differ
// in names, users, sizes, ports and reasons, wait for one another, and hand on a
// socket from one to the next.
func machine(n int) map[string]string {
	files := map[string]string{"system.toml": `system = 1
policy = { version = 1, floor = 1 }
kernel = { command-line = ["console=ttyAMA0", "panic=-1"] }
budget = { memory = "4TiB", pids = 4194304 }
network = { interface = "eth0", address = "10.0.2.15/24", gateway = "10.0.2.2" }
`}
	for i := range n {
		var b strings.Builder
		fmt.Fprintf(&b, "passport = 1\n[room]\nname = \"r%d\"\ndescription = \"The room number %d\"\nexec = [\"/bin/program\", \"--number=%d\"]\nuser = %d\n", i, i, i, 10000+i)
		if i > 0 {
			fmt.Fprintf(&b, "after = [\"r%d\"]\n", i-1)
		}
		fmt.Fprintf(&b, "environment = { NUMBER = \"%d\", HOME = \"/tmp\" }\n", i)
		fmt.Fprintf(&b, "[resources]\nmemory = { max = \"%dMiB\" }\npids = %d\n", 16+i%7, 16+i%5)
		b.WriteString("[[filesystem.tmpfs]]\npath = \"/tmp\"\nsize = \"1MiB\"\n")
		fmt.Fprintf(&b, "[network]\nmode = \"host\"\nbind = [%d]\n", 1024+i)
		fmt.Fprintf(&b, "[system-calls]\nprofile = \"service\"\nallow = [{ call = \"syncfs\", reason = \"Room number %d writes a log\" }]\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "[[connect]]\nroom = \"r%d\"\nsocket = \"s%d\"\n", i-1, i-1)
		}
		if i < n-1 {
			fmt.Fprintf(&b, "[[socket]]\nname = \"s%d\"\nclients = [\"r%d\"]\n", i, i+1)
		}
		files[fmt.Sprintf("r%d/passport.toml", i)] = b.String()
	}
	return files
}

func inMemory(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	return fsys
}

// judgeCold does what one call of passportc does, the schema's compilation included.
func judgeCold(b *testing.B, fsys fstest.MapFS) {
	l, err := compile(schema.Files)
	if err != nil {
		b.Fatal(err)
	}
	tree, faults := source.ReadTree(fsys, "rooms")
	if checked, more := l.check(tree); checked == nil {
		b.Fatal(render(b, append(faults, more...)))
	}
}

func BenchmarkRooms(b *testing.B) {
	for _, n := range []int{1, 64, 256, 1024, 4096} {
		fsys := inMemory(machine(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				judgeCold(b, fsys)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/room")
		})
	}
}

// BenchmarkLinear gives how much more processor time and memory four times the rooms
// take: 4, if both grow as the number of rooms does.
func BenchmarkLinear(b *testing.B) {
	sizes := []int{256, 1024, 4096}
	var took [3][]float64
	var middle, bytes [3]float64
	for b.Loop() {
		for i, n := range sizes {
			fsys := inMemory(machine(n))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpu(b)
			judgeCold(b, fsys)
			took[i] = append(took[i], cpu(b)-start)
			runtime.ReadMemStats(&after)
			bytes[i] = float64(after.TotalAlloc - before.TotalAlloc)
		}
	}
	for i := range sizes {
		middle[i] = median(took[i])
	}
	b.ReportMetric(middle[1]/middle[0], "time(1024)/time(256)")
	b.ReportMetric(middle[2]/middle[1], "time(4096)/time(1024)")
	b.ReportMetric(bytes[1]/bytes[0], "bytes(1024)/bytes(256)")
	b.ReportMetric(bytes[2]/bytes[1], "bytes(4096)/bytes(1024)")
}

// cpu gives the seconds that this process has spent on processors. On a machine that
// does other things too they tell more than those on the wall.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// cueCommand is what passportc is measured beside, at the version of go.mod.
const cueCommand = "cuelang.org/go/cmd/cue@v0.17.1"

// BenchmarkBesideCUE runs passportc check and cue vet in turn, as processes, on the
// same schema and passports. cue judges the shape alone, passportc all there is.
func BenchmarkBesideCUE(b *testing.B) {
	bin := b.TempDir()
	goCommand(b, bin, "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "github.com/anchor-os/anchor/cmd/passportc")
	goCommand(b, bin, "install", cueCommand)
	vet := []string{filepath.Join(bin, "cue"), "vet", "-d", "#Room"}
	for name, text := range schemaFiles(b) {
		vet = append(vet, put(b, bin, name, text))
	}
	for _, n := range []int{1, 1000} {
		dir := b.TempDir()
		other := slices.Clone(vet)
		for name, text := range machine(n) {
			if path := put(b, dir, name, text); filepath.Base(path) == "passport.toml" {
				other = append(other, path)
			}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var wall, cpu, ratio [2][]float64 // of passportc and of cue; the ratio by wall and by cpu
			for b.Loop() {
				for i, command := range [][]string{{filepath.Join(bin, "passportc"), "check", dir}, other} {
					w, c := run(b, command)
					wall[i], cpu[i] = append(wall[i], w), append(cpu[i], c)
				}
				ratio[0] = append(ratio[0], wall[0][len(wall[0])-1]/wall[1][len(wall[1])-1])
				ratio[1] = append(ratio[1], cpu[0][len(cpu[0])-1]/cpu[1][len(cpu[1])-1])
			}
			for i, who := range []string{"passportc", "cue-vet"} {
				b.ReportMetric(median(wall[i])*1000, "wall-ms/"+who)
				b.ReportMetric(median(cpu[i])*1000, "cpu-ms/"+who)
			}
			b.ReportMetric(median(ratio[0]), "wall:passportc/cue-vet")
			b.ReportMetric(median(ratio[1]), "cpu:passportc/cue-vet")
		})
	}
}

func goCommand(b testing.TB, bin string, args ...string) {
	b.Helper()
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOBIN="+bin, "CGO_ENABLED=0")
	if strings.HasPrefix(args[0], "install") {
		c.Env = append(c.Env, "GOWORK=off")
	}
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("cannot build: %v\n%s", err, out)
	}
}

func put(b testing.TB, dir, name, text string) string {
	b.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		b.Fatal(err)
	}
	return path
}

// run gives the seconds that a command takes, on the wall and on processors.
func run(b *testing.B, command []string) (wall, cpu float64) {
	b.Helper()
	c := exec.Command(command[0], command[1:]...)
	start := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", command[0], err, out)
	}
	return time.Since(start).Seconds(), (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
}
