package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
	"github.com/anchor-os/anchor/policy"
)

// together judges what concerns more than one file. That nobody uses a thing is
// said only if no room has a fault by itself, which may be that it wants to.
func together(tree *source.Tree, faultless bool) diag.List {
	w := newWhole(tree, faultless)
	w.unique(diag.NameTaken, "name", source.String)
	w.unique(diag.UserTaken, "user", source.Integer)
	w.ports()
	w.order()
	volumes, uses := w.uses()
	for _, name := range volumes {
		w.sharing(uses[name])
	}
	w.vault(w.reach(w.sockets(), volumes, uses))
	if w.system == nil {
		return w.faults
	}
	w.requiredRooms()
	w.budget(need{"memory", []string{"resources", "memory", "max"}, bytesUnit.parseValue, bytesUnit.format})
	w.budget(need{"pids", []string{"resources", "pids"}, plainNumber, func(n uint64) string { return fmt.Sprint(n) }})
	w.partitions(volumes, uses)
	w.network()
	return w.faults
}

// unique refuses a second room with the same value of [room]'s key.
func (w *whole) unique(code diag.Code, key string, kind source.Kind) {
	seen := map[string]*source.Value{}
	w.each(func(_ string, passport *source.Value) {
		v := passport.Find("room", key)
		if v == nil || v.Kind != kind {
			return
		}
		first := seen[shown(v)]
		if first == nil {
			seen[shown(v)] = v
			return
		}
		d := w.faults.Error(code, v.Range, fmt.Sprintf("room.%s %s is taken", key, shown(v)))
		d.Detail = "Rooms are told apart by their names and users, so no two share one."
		d.Related = []diag.Related{{Message: "used first", Range: first.Range}}
	})
}

func (w *whole) requiredRooms() {
	for _, v := range textsAt(w.system, "boot", "required-rooms") {
		if w.exists[v.Text] || !policy.ValidRoomName(v.Text) { // the latter was refused before
			continue
		}
		d := w.faults.Error(diag.RequiredRoomMissing, v.Range, "there is no room "+diag.Quote(v.Text))
		d.Detail = fmt.Sprintf("The machine would never be ready: a required room needs a directory %s with a passport.", diag.Quote(v.Text))
		d.Hint = w.didYouMean(v.Text)
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

func (w *whole) budget(need need) {
	v := w.system.Find("budget", need.name)
	if v == nil {
		return
	}
	budget, ok := need.parse(v)
	if !ok {
		return
	}
	var sum uint64
	var requests []request
	w.each(func(room string, passport *source.Value) {
		// Each is at most 1 TiB (the schema's range), or was refused already.
		r := passport.Find(need.path...)
		if n, ok := need.parse(r); ok && n <= 1<<40 {
			requests = append(requests, request{room, n, r})
			sum += n
		}
	})
	if sum <= budget {
		return
	}
	d := w.faults.Error(diag.OverBudget, v.Range, fmt.Sprintf("the rooms need more %s than the budget has", need.name))
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
