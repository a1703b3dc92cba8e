package check

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/anchor-os/anchor/compiler/diag"
	"github.com/anchor-os/anchor/compiler/source"
)

const (
	roomsEach = 64 // rooms for which it pays to compile the schema once more
	mostCrew  = 4  // languages at once: each takes memory
)

// judgeRooms judges rooms by themselves, many of them on several processors. CUE's
// evaluation is not safe for concurrent use, so on each there is a language of its own.
func (l *language) judgeRooms(rooms []source.Directory) []diag.List {
	found := make([]diag.List, len(rooms))
	crew := min(runtime.GOMAXPROCS(0), mostCrew, len(rooms)/roomsEach)
	spread(len(rooms), crew, func(worker int) func(i int) {
		own := l.member(worker)
		return func(i int) { found[i] = own.judgeRoom(rooms[i]) }
	})
	return found
}

// member gives the language of a worker: the first has l itself.
func (l *language) member(worker int) *language {
	if worker == 0 {
		return l
	}
	own, err := compile(l.files)
	if err != nil {
		panic("the schema was compiled and now is not: " + err.Error())
	}
	return own
}

// spread does n things on so many goroutines, or on this one. Each asks once for what
// does one of them.
func spread(n, workers int, worker func(number int) func(i int)) {
	var next atomic.Int64
	work := func(number int) {
		for do, i := worker(number), next.Add(1)-1; i < int64(n); i = next.Add(1) - 1 {
			do(int(i))
		}
	}
	var group sync.WaitGroup
	for number := 1; number < workers; number++ {
		group.Go(func() { work(number) })
	}
	work(0)
	group.Wait()
}
