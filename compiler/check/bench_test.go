package check

import (
	"fmt"
	"os"
	"testing"
	"time"

	"cuelang.org/go/cue"
	"github.com/anchor-os/anchor/compiler/source"
)

func BenchmarkX(b *testing.B) {
	l := theLanguage()
	for b.Loop() {
		t0 := time.Now()
		tick := func(s string) { n := time.Now(); fmt.Println(s, n.Sub(t0)); t0 = n }
		tree, _ := source.ReadTree(os.DirFS("/tmp/h5/r1000"), "rooms")
		tick("read")
		var vs, us, ns, ws []cue.Value
		for _, r := range tree.Rooms {
			vs = append(vs, l.ctx.BuildExpr(newData(false).expr(r.Passport.Root, l.room.root)))
		}
		tick("build")
		for _, v := range vs {
			us = append(us, l.room.shape.Unify(v))
		}
		tick("unify shape")
		for _, v := range us {
			v.Validate(cue.Concrete(true), cue.Final())
		}
		tick("validate")
		for _, r := range tree.Rooms {
			ns = append(ns, l.ctx.BuildExpr(newData(true).expr(r.Passport.Root, l.room.root)))
		}
		tick("build")
		for _, v := range ns {
			ws = append(ws, l.room.rules.Unify(v))
		}
		tick("unify rules")
		for _, v := range ws {
			v.Validate(cue.Concrete(true), cue.Final())
		}
		tick("validate")
		Check(tree)
		tick("check")
		for _, r := range tree.Rooms {
			l.resolveRoom(r.Passport)
		}
		tick("resolve")
	}
}
