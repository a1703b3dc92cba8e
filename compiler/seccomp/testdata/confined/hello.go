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
	"strings"
	"sync"
	"syscall"
	"time"
)

// hello uses the runtime and the files given to it.
func hello() error {
	for _, step := range []func() error{collectGarbage, sleep, catchSignal, readAndWrite, copyInKernel} {
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

// copyInKernel copies file to file, file to pipe and pipe to file, for each of which
// Go has a system call of its own.
func copyInKernel() error {
	source, err := os.Create(filepath.Join(os.TempDir(), "source"))
	if err != nil {
		return err
	}
	defer source.Close()
	source.WriteString(strings.Repeat("x", 1000))
	target, err := os.Create(filepath.Join(os.TempDir(), "target"))
	if err != nil {
		return err
	}
	defer target.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	for _, copied := range []func() (int64, error){
		func() (int64, error) { return io.Copy(target, source) },
		func() (int64, error) { defer writer.Close(); return io.Copy(writer, source) },
		func() (int64, error) { defer reader.Close(); return io.Copy(target, reader) },
	} {
		source.Seek(0, io.SeekStart)
		if n, err := copied(); err != nil || n != 1000 {
			return fmt.Errorf("copied %d, %w", n, err)
		}
	}
	return nil
}
