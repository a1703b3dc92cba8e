// Package mutant is laid over Bay0 for a test build: it says which mutant to be.
package mutant

import "encoding/binary"

const rooms = 255

// table holds the number of the machine's mutant and of each room's, 0 for none,
// behind a mark by which a test finds it in the program. It is written there.
var table = [16 + 2*(1+rooms)]byte{'m', 'u', 't', 'a', 'n', 't', 's', ' ', 'b', 'e', 'g', 'i', 'n', ':', '\r', '\n'}

var room = -1

// Enter says for which room the following is done.
func Enter(i int) { room = i }

// Is reports whether this is mutant n.
func Is(n int) bool { return chosen(0) == n || room >= 0 && room < rooms && chosen(1+room) == n }

func chosen(i int) int { return int(binary.LittleEndian.Uint16(table[16+2*i:])) }

type integer interface {
	~int | ~int16 | ~int32 | ~int64 | ~uint | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

// Without is 0 in mutant n.
func Without[T integer](n int, v T) T {
	if Is(n) {
		return 0
	}
	return v
}

// Bit is v without a bit in mutant n.
func Bit[T integer](n int, bit, v T) T {
	if Is(n) {
		return v &^ bit
	}
	return v
}

// With is v with more bits in mutant n.
func With[T integer](n int, bits, v T) T {
	if Is(n) {
		return v | bits
	}
	return v
}

// Open is a mode that lets everybody write in mutant n.
func Open[T integer](n int, mode T) T {
	if Is(n) {
		return mode | 0o222
	}
	return mode
}

// Most is no limit in mutant n.
func Most(n int, limit uint64) uint64 {
	if Is(n) {
		return ^uint64(0)
	}
	return limit
}

// Text is empty in mutant n.
func Text(n int, text string) string {
	if Is(n) {
		return ""
	}
	return text
}

// Step does nothing in mutant n.
func Step(n int, step func() error) func() error {
	return func() error {
		if Is(n) {
			return nil
		}
		return step()
	}
}
