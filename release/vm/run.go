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
	"slices"
	"strings"
	"syscall"
	"time"
)

// Run boots the machine and watches it to its end. An error means that the run says nothing: QEMU could
// not do its part, the firmware refused the image (ErrRefused), Then failed, or ctx ended. The result
// holds what was seen by then.
//
// A machine whose firmware hangs is started up to twice more, as if it had not been before: Timeout begins
// anew, and Until and Press, which keep what they remember, see the lines of that run.
func (m Machine) Run(ctx context.Context) (Result, error) {
	dir, err := os.MkdirTemp("", "anchor-vm-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	if err := m.prepare(ctx, dir); err != nil {
		return Result{}, err
	}

	// Pdeathsig is sent when the thread that started a program ends, so this goroutine keeps its thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	restore, err := m.keepFlash(dir)
	if err != nil {
		return Result{}, err
	}
	for more := restarts; ; more-- {
		result, err := m.attempt(ctx, dir)
		if more == 0 || !m.again(result, err) {
			return result, err
		}
		if m.Console != nil {
			fmt.Fprintln(m.Console, err, "and is started once more")
		}
		if err := restore(); err != nil {
			return result, err
		}
	}
}

// attempt is a run with the TPM that the machine has.
func (m Machine) attempt(ctx context.Context, dir string) (Result, error) {
	if m.TPM == "" {
		return m.run(ctx, dir, nil)
	}
	t, err := startTPM(m.TPM)
	if err != nil {
		return Result{}, err
	}
	result, err := m.run(ctx, dir, t.socket)
	if said := t.end(); err != nil && said != "" {
		err = fmt.Errorf("%w (swtpm: %s)", err, said)
	}
	return result, err
}

// prepare makes what the run starts from.
func (m Machine) prepare(ctx context.Context, dir string) error {
	volume := filepath.Join(dir, volumeFile)
	var err error
	if m.hasSlots() {
		err = makeSlots(ctx, volume, m.Slots)
	} else {
		err = makeVolume(ctx, volume, m.Image)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(m.Flash); err == nil {
		return nil
	}
	return copyFile(m.flash(dir), m.Vars)
}

// run is a run of QEMU, all of whose files are in dir.
func (m Machine) run(ctx context.Context, dir string, tpm *os.File) (Result, error) {
	ours, theirs, err := socketPair("monitor")
	if err != nil {
		return Result{}, err
	}
	defer ours.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var complaint bytes.Buffer
	qemu := exec.CommandContext(ctx, qemuProgram, m.arguments(dir)...)
	qemu.SysProcAttr = alone()
	qemu.ExtraFiles = []*os.File{theirs, tpm}
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
	result, err := m.watch(ctx, follow(ctx, console, ours, m.Resets, start), start)
	stop()
	qemu.Wait() // it was killed, or told to quit: what this returns says nothing
	if err != nil && complaint.Len() > 0 {
		err = fmt.Errorf("%w (QEMU: %s)", err, strings.TrimSpace(complaint.String()))
	}
	return result, err
}

// alone is how a program runs that ends with us, and not by a terminal's Ctrl-C but by what we make of it.
func alone() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// feed is what comes from a running QEMU. Once it has ended, lines is closed; whatever the monitor said
// is in endings by then.
type feed struct {
	lines   <-chan Line
	endings <-chan Ending
	monitor io.Writer // takes commands
}

func follow(ctx context.Context, console io.Reader, monitor io.ReadWriter, resets int, start time.Time) feed {
	lines, endings := make(chan Line), make(chan Ending, 1)
	go readConsole(ctx, console, start, lines)
	go watchMonitor(monitor, resets, endings)
	return feed{lines, endings, monitor}
}

// watch takes the lines until the run ends; the caller then ends QEMU.
func (m Machine) watch(ctx context.Context, from feed, start time.Time) (result Result, err error) {
	limit := time.NewTimer(cmp.Or(m.Timeout, 2*time.Minute))
	defer limit.Stop()
	stuck := time.NewTimer(firmwarePatience)
	defer stuck.Stop()
	end := func(ending Ending) (Result, error) {
		result.Ending, result.After = ending, time.Since(start)
		return result, nil
	}
	for {
		select {
		case line, more := <-from.lines:
			if !more {
				return finished(ctx, result, from.endings, start)
			}
			m.see(&result, line)
			if stuck.Stop(); fromFirmware(line.Text) {
				stuck.Reset(firmwarePatience)
			}
			if m.Press != nil && m.Press(line.Text) {
				press(from.monitor)
			}
			if refused(line.Text) {
				return result, ErrRefused
			}
			if m.Until != nil && m.Until(line.Text) {
				result, _ = end(Matched)
				return m.runOn(ctx, from, result, start)
			}
		case <-stuck.C:
			return result, errStuck
		case <-limit.C:
			return end(Timeout)
		case <-ctx.Done():
			return result, ctx.Err()
		}
	}
}

func (m Machine) see(result *Result, line Line) {
	result.Lines = append(result.Lines, line)
	if m.Console != nil {
		fmt.Fprintln(m.Console, line.Text)
	}
}

// runOn goes on taking lines while Then does what it does.
func (m Machine) runOn(ctx context.Context, from feed, result Result, start time.Time) (Result, error) {
	if m.Then == nil {
		return result, nil
	}
	thens, stop := context.WithCancel(ctx)
	defer stop()
	then := make(chan error, 1)
	seen := Result{slices.Clone(result.Lines), result.Ending, result.After}
	go func() { then <- m.Then(thens, seen) }()
	for {
		select {
		case line, more := <-from.lines:
			if !more {
				stop()
				<-then // what it says of a machine that is gone matters less than that
				return finished(ctx, result, from.endings, start)
			}
			m.see(&result, line)
		case err := <-then:
			return result, err
		}
	}
}

// finished says why a QEMU that has ended did so: ctx did, the guest wanted it, or something went wrong.
func finished(ctx context.Context, result Result, endings <-chan Ending, start time.Time) (Result, error) {
	result.After = time.Since(start)
	if err := ctx.Err(); err != nil {
		return result, err
	}
	select {
	case result.Ending = <-endings:
		return result, nil
	default:
		return result, errors.New("cannot follow the machine: QEMU ended by itself")
	}
}
