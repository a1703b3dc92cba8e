// Confined is what the kernel tests run below a filter: a static program, as a room
// has, so that its very start is under test too.
//
//	confined calls FILTER    make the raw calls on stdin, print the error number of each
//	confined enter FILTER R  load the filter, then execute this program as R
//	confined hello           what baseline is for
//	confined work            what service is for
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"syscall"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("confined: no role given")
	}
	var err error
	switch role := os.Args[1]; role {
	case "calls":
		err = load(os.Args[2])
		if err == nil {
			err = calls()
		}
	case "enter":
		err = load(os.Args[2])
		if err == nil {
			err = syscall.Exec("/proc/self/exe", []string{"confined", os.Args[3]}, os.Environ())
		}
	case "hello":
		err = hello()
	case "work":
		err = work()
	case "child":
		fmt.Println("child")
	default:
		err = fmt.Errorf("no role %q", role)
	}
	if err != nil {
		log.Fatalf("confined: %v", err)
	}
}

// calls reads a number and six arguments a line.
func calls() error {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var number uintptr
		var a [6]uintptr
		if _, err := fmt.Sscan(in.Text(), &number, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5]); err != nil {
			return err
		}
		_, _, errno := syscall.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
		fmt.Println(int(errno))
	}
	return in.Err()
}
