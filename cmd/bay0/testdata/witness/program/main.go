// Command witness is the program of the rooms that Bay0's own tests boot. Its arguments are what it does,
// one after the other, so that a passport or a test says in a line how a room lives:
//
//	witness "prove consumer" ready "wait 500ms" "exit 0"
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
)

// acts are what an argument can begin with. What follows after a blank is the act's own.
var acts = map[string]func(string) error{
	"prove":  prove,
	"serve":  serve,
	"status": status,
	"alive":  alive,
	"linger": linger,
	"ready":  func(string) error { return pid1.Notify("READY=1") },
	"wait":   wait,
	"tick":   tick,
	"shut":   shut,
	"stay":   stay,
	"exit":   exit,
	"end":    endOnce,
	"late":   late,
	"write":  write,
	"beside": beside,
	"call":   refusedCall,
	"eat":    eat,
	"burn":   burn,
	"flood":  flood,
	"rounds": rounds,
	"fill":   fill,
	"keep":   keep,
	"bomb":   bomb,
}

// asked gets the signals that end a room, or shall; it is there before the room says that it is ready.
var asked <-chan os.Signal

func main() {
	if slices.Contains(os.Args, "stay") || slices.Contains(os.Args, "linger") {
		asked = pid1.Signals()
	}
	for _, argument := range os.Args[1:] {
		name, rest, _ := strings.Cut(argument, " ")
		act, known := acts[name]
		if !known {
			fmt.Println("there is no act", name)
			os.Exit(2)
		}
		if err := act(rest); err != nil {
			fmt.Printf("cannot %s: %v\n", argument, err)
			os.Exit(1)
		}
	}
}

func wait(duration string) error {
	d, err := time.ParseDuration(duration)
	time.Sleep(d)
	return err
}

// tick shows for ever that the machine lives, and how its time passes: four times a second.
func tick(string) error {
	for n := 1; ; n++ {
		fmt.Println("tick", n)
		time.Sleep(time.Second / 4)
	}
}

// alive says WATCHDOG=1 so many times, ten times a second.
func alive(times string) error {
	n, err := strconv.Atoi(times)
	for ; err == nil && n > 0; n-- {
		err = pid1.Notify("WATCHDOG=1")
		time.Sleep(time.Second / 10)
	}
	return err
}

// status prints what the kernel says of this process (proc_pid_status(5)) in the
// lines that begin so.
func status(beginning string) error {
	text, err := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, beginning) {
			fmt.Print(line)
		}
	}
	return err
}

// shut ends a socket that the room was given, for good.
func shut(fd string) error {
	n, err := strconv.Atoi(fd)
	if err == nil {
		err = unix.Shutdown(n, unix.SHUT_RDWR)
	}
	return err
}

// linger does not end, though it is asked to.
func linger(string) error {
	for signal := range asked {
		fmt.Println("it was sent", signal)
	}
	return nil
}

func stay(string) error {
	pid1.WaitForEnd(asked)
	return nil
}

func exit(status string) error {
	n, err := strconv.Atoi(status)
	if err == nil {
		os.Exit(n)
	}
	return err
}

// ended is the file by which a room knows, as long as it has its volume, that it has ended once.
const ended = "/data/ended"

// late waits if the room has ended once.
func late(duration string) error {
	if _, err := os.Stat(ended); err != nil {
		return nil // or endOnce will tell
	}
	return wait(duration)
}

// endOnce ends well the first time that it is run on a volume.
func endOnce(string) error {
	file, err := os.OpenFile(ended, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return nil
	}
	if err == nil {
		err = file.Close()
	}
	if err == nil {
		os.Exit(0)
	}
	return err
}

// refusedCall makes a call that no profile has.
func refusedCall(string) error { return unix.Chroot("/") }

// eat takes memory until the kernel ends it, which first slows it down where there is a
// memory.high.
func eat(string) error {
	for {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += os.Getpagesize() {
			block[i] = 1
		}
		if eaten = append(eaten, block); len(eaten) == 8 {
			fmt.Println("it has eaten 8 MiB")
		}
	}
}

var eaten [][]byte

// burn takes all the time of a processor that it gets.
func burn(string) error {
	for n := 0; ; n++ {
		if n == 1<<25 {
			fmt.Println("it has burnt")
		}
	}
}

// flood writes to the log and to the notify socket as fast as it can.
func flood(string) error {
	go func() {
		for {
			pid1.Notify("STATUS=too many")
		}
	}()
	for {
		fmt.Println("too many")
	}
}
