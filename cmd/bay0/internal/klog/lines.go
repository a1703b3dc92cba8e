package klog

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/anchor-os/anchor/policy"
)

// lineLimit is where a line is broken, in bytes: the kernel refuses a record of
// more than 1,024 (kernel/printk/printk.c, devkmsg_write).
const lineLimit = 900

// Copy writes each line that a room prints to the log, until the room's last
// process has closed its end. Every line bears the room's name, so that no room
// can speak as Bay0 or as another; and there are no more of them than limit says,
// so that no room can drown the others.
func (l *Log) Copy(name string, from *os.File, limit policy.LogLimit) {
	defer from.Close()
	lines := bufio.NewReaderSize(from, lineLimit)
	b := newBucket(limit, time.Now())
	for {
		line, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		lost, ok := b.take(time.Now())
		if !ok {
			continue
		}
		if lost > 0 {
			l.line(name, fmt.Appendf(nil, "(%d lines were lost here: too many at once)", lost))
		}
		l.line(name, line)
	}
}

// bucket holds as many lines as may be written now.
type bucket struct {
	limit  policy.LogLimit
	tokens uint32
	filled time.Time
	lost   int
}

func newBucket(limit policy.LogLimit, now time.Time) *bucket {
	return &bucket{limit: limit, tokens: limit.Burst, filled: now}
}

// take reports whether a line may be written now, and how many before it were
// not.
func (b *bucket) take(now time.Time) (lost int, ok bool) {
	per := time.Second / time.Duration(b.limit.PerSecond)
	if fresh := now.Sub(b.filled) / per; fresh > 0 {
		b.tokens += uint32(min(fresh, time.Duration(b.limit.Burst-b.tokens)))
		b.filled = b.filled.Add(fresh * per)
	}
	if b.tokens == 0 {
		b.lost++
		return 0, false
	}
	b.tokens--
	lost, b.lost = b.lost, 0
	return lost, true
}
