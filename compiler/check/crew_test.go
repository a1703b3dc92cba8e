package check

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/anchor-os/anchor/compiler/source"
)

// Rooms that are judged on several processors have the faults, in the order, that they
// have one after the other.
func TestManyRoomsAreJudgedAlike(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Cleanup(func() { runtime.GOMAXPROCS(1) })
		runtime.GOMAXPROCS(2)
	}
	files := machine(3 * roomsEach)
	for name, text := range files {
		switch len(name) % 3 {
		case 0:
			files[name] = strings.Replace(text, "pids = 1", "pids = -1", 1)
		case 1:
			files[name] = strings.Replace(text, `"syncfs"`, `"syncf"`, 1)
		}
	}
	tree, faults := source.ReadTree(inMemory(files), "rooms")
	if faults.HasErrors() {
		t.Fatal(render(t, faults))
	}
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	var got, want strings.Builder
	for _, found := range l.judgeRooms(tree.Rooms) {
		got.WriteString(render(t, found))
	}
	for _, dir := range tree.Rooms {
		want.WriteString(render(t, l.judgeRoom(dir)))
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" || !strings.Contains(diff+want.String(), "P0407") {
		t.Errorf("(-one after the other +several)\n%s", diff)
	}
}

func TestSpread(t *testing.T) {
	for _, tt := range []struct{ n, workers int }{{0, 0}, {0, 4}, {1, 0}, {1, 4}, {1000, 1}, {1000, 4}} {
		done := make([]int, tt.n)
		asked := make([]int, max(tt.workers, 1))
		spread(tt.n, tt.workers, func(number int) func(int) {
			asked[number]++
			return func(i int) { done[i]++ }
		})
		for number, times := range asked {
			if times != 1 {
				t.Errorf("%d of %d: worker %d was asked %d times", tt.n, tt.workers, number, times)
			}
		}
		for i, times := range done {
			if times != 1 {
				t.Errorf("%d of %d: %d was done %d times", tt.n, tt.workers, i, times)
			}
		}
	}
}
