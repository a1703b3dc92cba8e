package klog

import (
	"bufio"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/anchor-os/anchor/policy/abi"
)

// lineLimit is where a line is broken, in bytes: the kernel refuses a record of
// more than 1,024 (kernel/printk/printk.c, devkmsg_write).
const lineLimit = 900

// What a room prints beyond its limit is dropped, but no faster than this. Then
// its pipe fills, and it is the room that waits: dropping costs Bay0 time, which
// no room pays for.
const (
	dropped   = 256 // lines between two pauses: it is the lines that cost, be they empty
	dropPause = 50 * time.Millisecond
)

// Stream is what one room prints, over all its starts: a room that is started
// again has no more lines than one that was not.
type Stream struct {
	log    *Log
	name   string
	mu     sync.Mutex // an old start's output may still be read beside the new one's
	bucket bucket
}

// Stream returns the stream of a room, with no more lines than limit says, so
// that no room can drown the others.
func (l *Log) Stream(name string, limit abi.LogLimit) *Stream {
	return &Stream{log: l, name: name, bucket: bucket{limit: limit, tokens: limit.Burst, filled: time.Now()}}
}

// Copy writes each line of one start of the room to the log, until the last
// process has closed its end. Every line bears the room's name, so that no room
// can speak as Bay0 or as another.
func (s *Stream) Copy(from io.ReadCloser) {
	defer from.Close()
	lines := bufio.NewReaderSize(from, lineLimit)
	for drops := 0; ; {
		line, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		if !s.write(line) {
			drops++
		}
		if drops == dropped {
			time.Sleep(dropPause)
			drops = 0
		}
	}
}

// write reports whether the line was within the limit.
func (s *Stream) write(line []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost, ok := s.bucket.take(time.Now())
	if !ok {
		return false
	}
	if lost > 0 {
		s.log.line(room, s.name, fmt.Appendf(nil, "(%d lines were lost here: too many at once)", lost))
	}
	s.log.line(room, s.name, line)
	return true
}

// bucket holds as many lines as may be written now.
type bucket struct {
	limit  abi.LogLimit
	tokens uint32
	filled time.Time
	lost   int
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
