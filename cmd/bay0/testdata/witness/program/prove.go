package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/probe"
)

// parts are what a room can prove: what it was granted, and the same things where they were not.
var parts = map[string][]probe.Probe{
	"provider": {
		probe.Grant("volume /data", "write a file", writeFile),
	},
	"consumer": {
		probe.Grant("socket letters", "send two letters", post),
		probe.Grant("socket packets", "exchange two packets", func() error { return exchange(5 * time.Second) }),
		probe.Grant("socket packets", "hand a pipe over, and hear through it", handOver),
		probe.Grant("socket packets", "be handed an open file, and read it", takeFile),
		probe.Grant("volume /data", "read the file of another room", readFile),

		probe.Deny("volume /data", "write to a file", probe.Open(file, unix.O_WRONLY), unix.EROFS),
		probe.Deny("volume /data", "run a file", func() error { return unix.Exec(file, []string{file}, nil) }, unix.EACCES),
	},
	// One that has its provider end, and then uses its sockets before it can be there again.
	"survivor": {
		probe.Grant("socket packets", "end the room at its other end", end),
		probe.Grant("socket letters", "send a letter meanwhile", func() error { return send("meanwhile") }),
		probe.Grant("socket packets", "exchange two packets", func() error { return exchange(time.Minute) }),
	},
}

const (
	file    = "/data/file"
	content = "from provider"
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
