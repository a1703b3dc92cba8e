package check

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy/abi"
)

// Check judges a rooms directory. It returns what was checked only if nothing in
// the tree was refused, here or when it was read.
func Check(tree *source.Tree) (*Checked, diag.List) { return theLanguage().check(tree) }

// Faults judges as Check does, for those who want no values.
func Faults(tree *source.Tree) diag.List {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	faults, _ := l.judgeTree(tree)
	return faults
}

func (l *language) check(tree *source.Tree) (*Checked, diag.List) {
	l.Lock()
	defer l.Unlock()
	faults, complete := l.judgeTree(tree)
	if !complete || faults.HasErrors() {
		return nil, faults
	}
	if err := l.canResolve(); err != nil {
		panic(fmt.Sprintf("the schema in cue/ is broken: %v", err))
	}
	return l.resolve(tree), faults
}

// judgeTree judges what could be read, and reports whether that is all there is.
func (l *language) judgeTree(tree *source.Tree) (faults diag.List, complete bool) {
	complete = tree.System != nil
	if tree.System != nil {
		faults = append(faults, l.judge(&l.system, tree.System)...)
		faults = append(faults, l.commandLine(tree.System)...)
		faults = append(faults, addresses(tree.System)...)
	}
	faultless := true
	for i, found := range l.judgeRooms(tree.Rooms) {
		complete = complete && tree.Rooms[i].Passport != nil
		faultless = faultless && !found.HasErrors()
		faults = append(faults, found...)
	}
	return append(faults, together(tree, faultless)...), complete
}

// CheckRoom judges one room by itself. The rules that concern more than one file
// are not judged: unique names and users, the budget, the required rooms.
func CheckRoom(dir source.Directory) diag.List {
	l := theLanguage()
	l.Lock()
	defer l.Unlock()
	return l.judgeRoom(dir)
}

func (l *language) judgeRoom(dir source.Directory) diag.List {
	if dir.Passport == nil {
		return nil
	}
	faults := l.judge(&l.room, dir.Passport)
	faults = append(faults, nameOfDirectory(dir)...)
	faults = append(faults, nameOfBay0(dir)...)
	faults = append(faults, itself(dir)...)
	faults = append(faults, mounts(dir.Passport)...)
	faults = append(faults, repeats(dir.Passport)...)
	faults = append(faults, l.calls(dir.Passport)...)
	return append(faults, l.capabilities(dir.Passport)...)
}

// nameOfBay0 refuses the one name that would let a room speak as Bay0 in the log.
func nameOfBay0(dir source.Directory) (faults diag.List) {
	v := dir.Passport.Root.Find("room", "name")
	if v == nil || v.Kind != source.String || v.Text != abi.Bay0Name {
		return nil
	}
	d := faults.Error(diag.NameReserved, v.Range, "room.name cannot be "+diag.Quote(v.Text))
	d.Detail = "Every line of the log begins with the name of who wrote it, and this one is PID 1's."
	return faults
}

// nameOfDirectory refuses a room that is called something else than its directory:
// images, diagnostics and reviewers find rooms by directory.
func nameOfDirectory(dir source.Directory) (faults diag.List) {
	v := dir.Passport.Root.Find("room", "name")
	if v == nil || v.Kind != source.String || v.Text == dir.Name {
		return nil
	}
	d := faults.Error(diag.NameNotDirectory, v.Range, "room.name is "+diag.Quote(v.Text)+" in the directory "+diag.Quote(dir.Name))
	d.Detail = "A room has the name of its directory."
	d.Hint = "rename one of them"
	return faults
}

// resolve gives the values of a tree without faults.
func (l *language) resolve(tree *source.Tree) *Checked {
	c := &Checked{System: l.resolveSystem(newReader(tree.System, l.system.root)), Rooms: make([]Room, len(tree.Rooms))}
	spread(len(tree.Rooms), runtime.GOMAXPROCS(0), func(int) func(i int) {
		return func(i int) { c.Rooms[i] = l.resolveRoom(newReader(tree.Rooms[i].Passport, l.room.root)) }
	})
	slices.SortFunc(c.Rooms, func(a, b Room) int { return cmp.Compare(a.Name, b.Name) })
	return c
}
