package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/probe"
)

const data = "/data" // where the volume work lies

// probes use what the room has, and keep what it got.
type probes struct {
	boots  int    // how often the room was started, this time included
	secret string // the one that vault-access keeps, in hexadecimal
}

func (p *probes) list() []probe.Probe {
	const volume = "volume " + data
	return []probe.Probe{
		probe.Grant(volume, "add a line to what the earlier starts wrote", p.count),
		probe.Grant("socket secrets", "get the secret", p.ask),

		probe.Deny(volume, "devices, set-uid files, execution by its mount", probe.LacksFlags(data, probe.Inert), probe.ErrAbsent),
		probe.Deny(volume, "run a file", probe.RunFile(data+"/program"), unix.EACCES),
		probe.Deny(volume, "mknod a device", probe.MakeDevice(data+"/null"), unix.EPERM),
		probe.Deny(volume, "chown a file to root", probe.ChownToRoot(data+"/mine"), unix.EPERM),
		probe.Deny("devices", "open /dev/vdb", probe.Open("/dev/vdb", unix.O_RDONLY), unix.ENOENT),
		probe.Deny("devices", "open /dev/vdb1", probe.Open("/dev/vdb1", unix.O_RDONLY), unix.ENOENT),
		probe.Deny("devices", "open /dev/tpmrm0", probe.Open("/dev/tpmrm0", unix.O_RDWR), unix.ENOENT),
		probe.Deny("sockets", "connect to open-url of web", probe.ConnectUnix("/run/sockets/open-url"), unix.ENOENT),
	}
}

func (p *probes) count() (err error) {
	p.boots, err = countStart(data + "/boots")
	return err
}

func (p *probes) ask() (err error) {
	p.secret, err = receive("/run/sockets/secrets")
	return err
}

var isSecret = regexp.MustCompile("^[0-9a-f]{64}$")

// receive reads the one line that vault-access says.
func receive(socket string) (string, error) {
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	line, err := bufio.NewReader(io.LimitReader(connection, 128)).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("cannot read a line: %w", err)
	}
	if line = strings.TrimSuffix(line, "\n"); !isSecret.MatchString(line) {
		return "", fmt.Errorf("%d bytes are no secret", len(line))
	}
	return line, nil
}
