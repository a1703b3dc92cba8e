package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
)

// exchanges is how many packets a round has.
const exchanges = 50

// rounds measures, again and again, how long another room takes to give a packet back, and says what is usual
// (the median) and what is rare (one in ten), in microseconds. "0" never ends.
func rounds(times string) error {
	n, err := strconv.Atoi(times)
	for i := 0; err == nil && (n == 0 || i < n); i++ {
		err = round()
	}
	return err
}

func round() error {
	connection, err := dial(time.Minute)
	if err != nil {
		return err
	}
	defer connection.Close()
	took := make([]time.Duration, exchanges)
	for i := range took {
		start := time.Now()
		var packet [64]byte
		if _, err := connection.Write([]byte("again")); err != nil {
			return err
		}
		if _, err := connection.Read(packet[:]); err != nil {
			return err
		}
		took[i] = time.Since(start)
		time.Sleep(time.Millisecond) // who asks without pause has had its share of the processor
	}
	slices.Sort(took)
	fmt.Println("round:", took[exchanges/2].Microseconds(), took[exchanges*9/10].Microseconds())
	return nil
}

// fill writes to a file until there is no more room, and begins anew.
func fill(path string) error {
	block := make([]byte, 1<<16)
	for {
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		for err == nil {
			_, err = file.Write(block)
		}
		file.Close()
		if !errors.Is(err, unix.ENOSPC) {
			return err
		}
		full.Do(func() { fmt.Println("it is full") })
	}
}

var full, many sync.Once

// keep writes a file, and leaves it to the kernel when that is on the disk.
func keep(path string) error { return os.WriteFile(path, []byte("kept"), 0o600) }

// bomb starts itself as often as it may, and so does each of what it has started.
func bomb(string) error {
	go pid1.WaitForEnd(pid1.Signals())
	for {
		if err := exec.Command("/proc/self/exe", "bomb").Start(); err != nil {
			many.Do(func() { fmt.Println("they are too many") })
		}
	}
}

// write says WATCHDOG=1 and writes to a file, ten times a second.
func write(path string) error {
	for {
		if err := errors.Join(pid1.Notify("WATCHDOG=1"), keep(path)); err != nil {
			return err
		}
		time.Sleep(time.Second / 10)
	}
}

// beside has a child do something.
func beside(act string) error {
	child := exec.Command("/proc/self/exe", act)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	return child.Start()
}
