// Package vm boots a UKI in QEMU's AArch64 virt machine, by UEFI from a FAT volume, as a slot would boot,
// and tells line by line what the machine said and how it ended. It is the ground on which the tests and
// `passportc uki boot` stand; nothing of it is part of a release.
//
// It runs qemu-system-aarch64 and, for the volume, mtools' mformat, mmd and mcopy; it needs no root.
package vm

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Machine is what to boot, and how long to watch it.
type Machine struct {
	Image    string        // the EFI program, anchor.efi
	Firmware string        // UEFI's code: AAVMF_CODE.fd
	Vars     string        // UEFI's variables: AAVMF_VARS.fd; each run gets a copy of its own
	Memory   int           // MiB; 0 is 512
	Timeout  time.Duration // how long it may run; 0 is two minutes
	Console  io.Writer     // gets each line as it comes; may be nil

	// Until ends the run when a line satisfies it; nil waits for the machine to end by itself.
	Until func(line string) bool
}

// Ending is how a run ended.
type Ending int

const (
	Matched  Ending = iota + 1 // Until was satisfied
	Reset                      // the guest reset itself, as it does when its kernel panics
	PowerOff                   // the guest switched itself off
	Watchdog                   // the watchdog reset it
	Timeout                    // it still ran when its time was up
)

func (e Ending) String() string {
	names := [...]string{Matched: "matched", Reset: "reset", PowerOff: "power-off", Watchdog: "watchdog reset", Timeout: "timeout"}
	if e <= 0 || int(e) >= len(names) {
		return "Ending(" + strconv.Itoa(int(e)) + ")"
	}
	return names[e]
}

// Line is one line of the console, without control sequences, and when it came, counted from QEMU's start.
type Line struct {
	After time.Duration
	Text  string
}

// Result is what a run left.
type Result struct {
	Lines  []Line
	Ending Ending
	After  time.Duration // when it ended, counted from QEMU's start
}

// Text is the whole console.
func (r Result) Text() string {
	var text strings.Builder
	for _, line := range r.Lines {
		text.WriteString(line.Text + "\n")
	}
	return text.String()
}

// First is the first line that holds text, and whether there is one.
func (r Result) First(text string) (Line, bool) {
	for _, line := range r.Lines {
		if strings.Contains(line.Text, text) {
			return line, true
		}
	}
	return Line{}, false
}

// ErrRefused says that the firmware would not start the image: Secure Boot did not accept its signature.
var ErrRefused = errors.New("the firmware refuses the image: Access Denied")

// Run boots the machine and watches it to its end. An error means that the run says nothing: QEMU could
// not do its part, the firmware refused the image (ErrRefused), or ctx ended. The result holds what was
// seen by then.
func (m Machine) Run(ctx context.Context) (Result, error) {
	dir, err := os.MkdirTemp("", "anchor-vm-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	if err := makeVolume(ctx, filepath.Join(dir, volumeFile), m.Image); err != nil {
		return Result{}, err
	}
	if err := copyFile(filepath.Join(dir, varsFile), m.Vars); err != nil {
		return Result{}, err
	}
	ours, theirs, err := monitorPair()
	if err != nil {
		return Result{}, err
	}
	defer ours.Close()

	// Pdeathsig is sent when the thread that started QEMU ends, so this goroutine keeps its thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var complaint bytes.Buffer
	qemu := exec.CommandContext(ctx, qemuProgram, m.arguments(dir)...)
	qemu.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	qemu.ExtraFiles = []*os.File{theirs}
	qemu.Stderr = &complaint
	console, err := qemu.StdoutPipe()
	if err != nil {
		return Result{}, err
	}
	start := time.Now()
	err = qemu.Start()
	theirs.Close()
	if err != nil {
		return Result{}, fmt.Errorf("cannot start QEMU: %w", err)
	}
	result, err := m.watch(ctx, follow(ctx, console, ours, start), start)
	stop()
	qemu.Wait() // it was killed, or told to quit: what this returns says nothing
	if err != nil && complaint.Len() > 0 {
		err = fmt.Errorf("%w (QEMU: %s)", err, strings.TrimSpace(complaint.String()))
	}
	return result, err
}

// feed is what comes from a running QEMU. Once it has ended, lines is closed; whatever the monitor said
// is in endings by then.
type feed struct {
	lines   <-chan Line
	endings <-chan Ending
}

func follow(ctx context.Context, console io.Reader, monitor io.ReadWriter, start time.Time) feed {
	lines, endings := make(chan Line), make(chan Ending, 1)
	go readConsole(ctx, console, start, lines)
	go watchMonitor(monitor, endings)
	return feed{lines, endings}
}

// watch takes the lines until the run ends; the caller then ends QEMU.
func (m Machine) watch(ctx context.Context, from feed, start time.Time) (result Result, err error) {
	limit := time.NewTimer(cmp.Or(m.Timeout, 2*time.Minute))
	defer limit.Stop()
	end := func(ending Ending) (Result, error) {
		result.Ending, result.After = ending, time.Since(start)
		return result, nil
	}
	for {
		select {
		case line, more := <-from.lines:
			if !more {
				return finished(result, from.endings, start)
			}
			result.Lines = append(result.Lines, line)
			if m.Console != nil {
				fmt.Fprintln(m.Console, line.Text)
			}
			if refused(line.Text) {
				return result, ErrRefused
			}
			if m.Until != nil && m.Until(line.Text) {
				return end(Matched)
			}
		case <-limit.C:
			return end(Timeout)
		case <-ctx.Done():
			return result, ctx.Err()
		}
	}
}

// finished says why a QEMU that has ended did so: the guest wanted it, or something went wrong.
func finished(result Result, endings <-chan Ending, start time.Time) (Result, error) {
	result.After = time.Since(start)
	select {
	case result.Ending = <-endings:
		return result, nil
	default:
		return result, errors.New("cannot follow the machine: QEMU ended by itself")
	}
}

// refused recognises the firmware's word for an image that Secure Boot does not accept. It would wait for
// a key after it, for ever.
func refused(line string) bool {
	return strings.Contains(line, "failed to load") && strings.Contains(line, "Access Denied")
}
