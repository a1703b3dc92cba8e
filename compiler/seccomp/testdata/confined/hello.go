package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// hello uses the runtime and the files given to it.
func hello() error {
	for _, step := range []func() error{collectGarbage, sleep, catchSignal, readAndWrite} {
		if err := step(); err != nil {
			return err
		}
	}
	fmt.Println("hello")
	return nil
}

// collectGarbage keeps threads busy while the heap grows and is collected.
func collectGarbage() error {
	var group sync.WaitGroup
	for range 4 * runtime.NumCPU() {
		group.Go(func() {
			var kept [][]byte
			for i := range 400 {
				kept = append(kept, make([]byte, 16<<10))
				if i%100 == 0 {
					kept = nil
					runtime.Gosched()
				}
			}
			runtime.KeepAlive(kept)
		})
	}
	group.Wait()
	runtime.GC()
	return nil
}

func sleep() error {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range 3 {
		<-ticker.C
	}
	time.Sleep(time.Millisecond)
	if time.Now().IsZero() {
		return errors.New("no time")
	}
	return nil
}

func catchSignal() error {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGUSR1)
	defer signal.Stop(caught)
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		return err
	}
	<-caught
	return nil
}

func readAndWrite() error {
	name := filepath.Join(os.TempDir(), "hello")
	text := rand.Text()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	read, err := io.ReadAll(file)
	if err != nil || string(read) != text {
		return fmt.Errorf("read %q, %w", read, err)
	}
	if _, err := file.Stat(); err != nil {
		return err
	}
	_, err = os.Getwd()
	return err
}
