package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/probe"
)

const rng = "/dev/hwrng"

// parts are what a room can prove: what it was granted, and the same things where they were not.
var parts = map[string][]probe.Probe{
	"hardware": {
		probe.Grant("device rng", "read "+rng, readRNG),
		probe.Grant("device null", "open it to write", probe.Open("/dev/null", unix.O_WRONLY)),

		// The node's group may write. Landlock forbids it, before the driver is asked: that would say EINVAL.
		probe.Deny("device rng", "open "+rng+" to write", probe.Open(rng, unix.O_WRONLY), unix.EACCES),
		probe.Deny("device rng", "open "+rng+" to read and write", probe.Open(rng, unix.O_RDWR), unix.EACCES),
	},
	"provider": {
		probe.Grant("volume /data", "write a file", writeFile),
	},
	"consumer": {
		probe.Grant("socket letters", "send two letters", post),
		probe.Grant("socket packets", "exchange two packets", func() error { return exchange(5 * time.Second) }),
		probe.Grant("socket packets", "hand a pipe over, and hear through it", handOver),
		probe.Grant("socket packets", "be handed an open file, and read it", takeFile),
		probe.Grant("volume /data", "read the file of another room", readFile),
		probe.Grant("tmpfs /tmp", "make a file", probe.Create("/tmp/probe")),

		probe.Deny("volume /data", "make a file", probe.Create("/data/probe"), unix.EROFS),
		probe.Deny("volume /data", "write to a file", probe.Open(file, unix.O_WRONLY), unix.EROFS),
		probe.Deny("volume /data", "run a file", func() error { return unix.Exec(file, []string{file}, nil) }, unix.EACCES),
	},
	// One that has its provider end, and then uses its sockets before it can be there again.
	"survivor": {
		probe.Grant("socket packets", "end the room at its other end", end),
		probe.Grant("socket letters", "send a letter meanwhile", func() error { return send("meanwhile") }),
		probe.Grant("socket packets", "exchange two packets", func() error { return exchange(time.Minute) }),
	},
	"stranger": append(strangers(unix.ENOENT),
		probe.Deny("sockets", "connect to letters where the machine has it", connect(unix.SOCK_DGRAM, machines+"letters"), unix.ENOENT),
		probe.Deny("sockets", "connect to packets where the machine has it", connect(unix.SOCK_SEQPACKET, machines+"packets"), unix.ENOENT),
		probe.Deny("sockets", "connect to letters through /proc", connect(unix.SOCK_DGRAM, "/proc/1/root"+letters), unix.ENOENT),
		probe.Deny("sockets", "connect to packets through /proc", connect(unix.SOCK_SEQPACKET, "/proc/1/root"+packets), unix.ENOENT),
		probe.Deny("sockets", "connect to the abstract name letters", connect(unix.SOCK_DGRAM, "@letters"), unix.ECONNREFUSED),
		probe.Deny("sockets", "connect to the abstract name packets", connect(unix.SOCK_SEQPACKET, "@packets"), unix.ECONNREFUSED),
		probe.Deny("sockets", "take one from descriptor 3", takeSocket, unix.EBADF),
	),
	// One that sees the nodes, and is in none of their groups.
	"outsider": strangers(unix.EACCES),
}

func strangers(refusal error) []probe.Probe {
	return []probe.Probe{
		probe.Deny("sockets", "connect to letters of provider", connect(unix.SOCK_DGRAM, letters), refusal),
		probe.Deny("sockets", "connect to packets of provider", connect(unix.SOCK_SEQPACKET, packets), refusal),
		probe.Deny("devices", "open "+rng, probe.Open(rng, unix.O_RDONLY), refusal),
	}
}

const (
	file     = "/data/file"
	content  = "from provider"
	machines = "/run/rooms/provider/sockets/" // abi.SocketSource
)

func prove(part string) error {
	probes, known := parts[part]
	if !known {
		return fmt.Errorf("there is no such part")
	}
	if wrong := probe.Report(os.Stdout, probes); wrong > 0 {
		return fmt.Errorf("%d are wrong", wrong)
	}
	return nil
}

func readRNG() error {
	device, err := os.Open(rng)
	if err != nil {
		return err
	}
	defer device.Close()
	_, err = device.Read(make([]byte, 16))
	return err
}

// takeSocket looks where inherited sockets begin.
func takeSocket() error {
	_, err := unix.GetsockoptInt(3, unix.SOL_SOCKET, unix.SO_TYPE)
	return err
}

// writeFile leaves a file that everybody may write to and run, as far as it is the file's to say.
func writeFile() error {
	if err := os.WriteFile(file, []byte(content), 0o700); err != nil {
		return err
	}
	return os.Chmod(file, 0o777)
}

func readFile() error {
	found, err := os.ReadFile(file)
	if err == nil && string(found) != content {
		err = fmt.Errorf("found %q", found)
	}
	return err
}
