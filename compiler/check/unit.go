package check

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// unit is a way to write numbers: suffixes with what they stand for, ascending.
type unit []struct {
	suffix string
	factor uint64
}

var (
	bytesUnit    = unit{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}
	durationUnit = unit{{"ms", uint64(time.Millisecond)}, {"s", uint64(time.Second)}, {"min", uint64(time.Minute)}}
	percentUnit  = unit{{"%", 1}}
)

// units are the attributes that give the range of a text with a unit, by name.
var units = map[string]unit{"size": bytesUnit, "duration": durationUnit, "percent": percentUnit}

// parse reads a number with a suffix. What does not fit becomes the largest number,
// which lies in no range. ok is false if s has another form.
func (u unit) parse(s string) (n uint64, ok bool) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%")
	for _, step := range u {
		if s[len(digits):] != step.suffix {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 64)
		if err != nil && n != math.MaxUint64 { // the latter: out of range
			return 0, false
		}
		high, low := bits.Mul64(n, step.factor)
		if high != 0 {
			return math.MaxUint64, true
		}
		return low, true
	}
	return 0, false
}

// format writes n with the largest suffix that leaves a whole number.
func (u unit) format(n uint64) string {
	best := u[0]
	for _, step := range u {
		if n%step.factor == 0 && n != 0 {
			best = step
		}
	}
	return strconv.FormatUint(n/best.factor, 10) + best.suffix
}
