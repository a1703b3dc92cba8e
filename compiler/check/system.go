package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

// together judges what concerns more than one file. It looks at whatever could be
// read, so that a fault in one room hides none between two others.
func (l *language) together(tree *source.Tree) (faults diag.List) {
	unique(&faults, tree, diag.NameTaken, "name", source.String)
	unique(&faults, tree, diag.UserTaken, "user", source.Integer)
	if tree.System == nil {
		return faults
	}
	requiredRooms(&faults, tree)
	l.budget(&faults, tree, need{"memory", []string{"resources", "memory", "max"}, bytesUnit.parseValue, bytesUnit.format})
	l.budget(&faults, tree, need{"pids", []string{"resources", "pids"}, plainNumber, func(n uint64) string { return fmt.Sprint(n) }})
	return faults
}

// unique refuses a second room with the same value of [room]'s key.
func unique(faults *diag.List, tree *source.Tree, code diag.Code, key string, kind source.Kind) {
	seen := map[string]*source.Value{}
	for _, dir := range tree.Rooms {
		if dir.Passport == nil {
			continue
		}
		v := dir.Passport.Root.Find("room", key)
		if v == nil || v.Kind != kind {
			continue
		}
		first := seen[shown(v)]
		if first == nil {
			seen[shown(v)] = v
			continue
		}
		d := faults.Error(code, v.Range, fmt.Sprintf("room.%s %s is taken", key, shown(v)))
		d.Detail = "Rooms are told apart by their names and users, so no two share one."
		d.Related = []diag.Related{{Message: "used first", Range: first.Range}}
	}
}

func requiredRooms(faults *diag.List, tree *source.Tree) {
	required := tree.System.Root.Find("boot", "required-rooms")
	if required == nil {
		return
	}
	var names []string
	for _, dir := range tree.Rooms {
		names = append(names, dir.Name)
	}
	for _, v := range required.Items {
		if v.Kind != source.String || slices.Contains(names, v.Text) {
			continue
		}
		d := faults.Error(diag.RequiredRoomMissing, v.Range, "there is no room "+diag.Quote(v.Text))
		d.Detail = fmt.Sprintf("The machine would never be ready: a required room needs a directory %s with a passport.", diag.Quote(v.Text))
		d.Hint = diag.DidYouMean(v.Text, names)
	}
}

// need is one thing that rooms need and the machine has a budget of.
type need struct {
	name   string   // the key in [budget]
	path   []string // the key in a passport
	parse  func(*source.Value) (uint64, bool)
	format func(uint64) string
}

// request is what one room needs.
type request struct {
	room  string
	n     uint64
	value *source.Value
}

const budgetShown = 5 // rooms that a message about the budget names

func (l *language) budget(faults *diag.List, tree *source.Tree, need need) {
	v := tree.System.Root.Find("budget", need.name)
	if v == nil {
		return
	}
	budget, ok := need.parse(v)
	if !ok {
		return
	}
	var sum uint64
	var requests []request
	for _, dir := range tree.Rooms {
		if dir.Passport == nil {
			continue
		}
		// Each is at most 1 TiB (the schema's range), or was refused already.
		r := dir.Passport.Root.Find(need.path...)
		if n, ok := need.parse(r); ok && n <= 1<<40 {
			requests = append(requests, request{dir.Name, n, r})
			sum += n
		}
	}
	if sum <= budget {
		return
	}
	d := faults.Error(diag.OverBudget, v.Range, fmt.Sprintf("the rooms need more %s than the budget has", need.name))
	d.Detail = fmt.Sprintf("requested: %s by %s\nbudget:    %s\nleft:      none; %s too much",
		need.format(sum), rooms(len(requests)), need.format(budget), need.format(sum-budget))
	slices.SortStableFunc(requests, func(a, b request) int { return cmp.Compare(b.n, a.n) })
	for _, r := range requests[:min(budgetShown, len(requests))] {
		d.Related = append(d.Related, diag.Related{Message: fmt.Sprintf("%s of it", need.format(r.n)), Range: r.value.Range})
	}
}

func rooms(n int) string {
	if n == 1 {
		return "1 room"
	}
	return fmt.Sprintf("%d rooms", n)
}

func (u unit) parseValue(v *source.Value) (uint64, bool) {
	if v == nil || v.Kind != source.String {
		return 0, false
	}
	return u.parse(v.Text)
}

func plainNumber(v *source.Value) (uint64, bool) {
	if v == nil || v.Kind != source.Integer || v.Int < 0 {
		return 0, false
	}
	return uint64(v.Int), true
}
