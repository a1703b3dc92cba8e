// Command probe is PID 1 of the tests' machine: it uses each thing that a machine can have beside its boot
// volume, says a line of each, and answers one connection.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	mount("devtmpfs", "/dev", "devtmpfs")
	mount("sysfs", "/sys", "sysfs")
	say("TPM", resets)
	say("disk", boots)
	say("echo", func() (string, error) { return exchange("10.0.2.100:443") })
	say("elsewhere", func() (string, error) { return exchange("10.0.2.2:22") })
	say("port", answer)
	syscall.Sync()
	select {} // until the test ends the machine, as a lost current would
}

func say(thing string, probe func() (string, error)) {
	text, err := probe()
	if err != nil {
		text = "failed: " + err.Error()
	}
	fmt.Printf("probe: %s: %s\n", thing, text)
}

func mount(source, target, kind string) {
	if err := syscall.Mount(source, target, kind, 0, ""); err != nil {
		fmt.Println("probe: cannot mount", source, err)
	}
}

// resets asks the TPM how often it has started (TPM 2.0 Library, part 3, TPM2_ReadClock): it keeps count
// in its state. The device is opened to block: else the kernel answers a read with an end of file while
// the TPM is still at work, and Go's os.Open opens what can be polled not to block.
func resets() (string, error) {
	fd, err := syscall.Open("/dev/tpmrm0", syscall.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	if _, err := syscall.Write(fd, []byte{0x80, 1, 0, 0, 0, 10, 0, 0, 1, 0x81}); err != nil {
		return "", err
	}
	answer := make([]byte, 4096)
	n, err := syscall.Read(fd, answer)
	if err != nil || n != 35 {
		return "", fmt.Errorf("%x, %w", answer[:max(n, 0)], err)
	}
	return fmt.Sprintf("started %d times", binary.BigEndian.Uint32(answer[26:])), nil
}

// boots adds a line to a file in the partition "notes", which is to be its owner's, and counts the lines.
func boots() (string, error) {
	device, err := partition("notes")
	if err != nil {
		return "", err
	}
	mount(device, "/room", "ext4")
	var top syscall.Stat_t
	if err := syscall.Stat("/room", &top); err != nil {
		return "", err
	}
	f, err := os.OpenFile("/room/boots", os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.WriteString("a line\n"); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	lines, err := os.ReadFile(f.Name())
	return fmt.Sprintf("of %d, booted %d times", top.Uid, strings.Count(string(lines), "\n")), err
}

// partition finds the device of the partition with that GPT name.
func partition(name string) (string, error) {
	files, err := filepath.Glob("/sys/class/block/*/uevent")
	if err != nil {
		return "", err
	}
	for _, file := range files {
		event, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if strings.Contains(string(event), "PARTNAME="+name+"\n") {
			return "/dev/" + filepath.Base(filepath.Dir(file)), nil
		}
	}
	return "", fmt.Errorf("no partition is named %s", name)
}

// exchange says hello at an address and returns what it hears.
func exchange(address string) (string, error) {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "hello\n"); err != nil {
		return "", err
	}
	heard, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(heard), err
}

// answer listens, says so, and answers who connects first with what was said.
func answer() (string, error) {
	l, err := net.Listen("tcp", ":8080")
	if err != nil {
		return "", err
	}
	fmt.Println("probe: listening")
	c, err := l.Accept()
	if err != nil {
		return "", err
	}
	defer c.Close()
	heard, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(c, "you said "+heard)
	return "heard " + strings.TrimSpace(heard), err
}
