package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/compiler"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

func TestNetworkOfABoot(t *testing.T) {
	tests := []struct {
		name             string
		forwards, echoes []string
		said, fault      string
	}{
		{"nothing", nil, nil, "", ""},
		{"two ports", []string{"8081:8080", "2222:22"}, nil, "127.0.0.1:8081 leads to port 8080 of the machine\n127.0.0.1:2222 leads to port 22 of the machine\n", ""},
		{"an echo", nil, []string{"10.0.2.100:443"}, "10.0.2.100:443 leads from the machine to a server here, which says back what it hears\n", ""},
		{"no echo", nil, []string{"none"}, "", ""},
		{"none and one", nil, []string{"none", "10.0.2.100:443"}, "", `--echo cannot be "none" (hint: want ADDRESS:PORT, such as 10.0.2.100:443, or once none)`},
		{"one port", []string{"8080"}, nil, "", `--forward cannot be "8080" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"no port of the machine", []string{"8080:0"}, nil, "", `--forward cannot be "8080:0" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"a port beyond all ports", []string{"8080:65536"}, nil, "", `--forward cannot be "8080:65536" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"three ports", []string{"1:2:3"}, nil, "", `--forward cannot be "1:2:3" (hint: want HOST:GUEST, two port numbers, such as 8080:8080)`},
		{"an address without a port", nil, []string{"10.0.2.100"}, "", `--echo cannot be "10.0.2.100" (hint: want ADDRESS:PORT, such as 10.0.2.100:443, or once none)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var said bytes.Buffer
			var m vm.Machine
			o := bootOptions{forwards: test.forwards, echoes: test.echoes}
			release, err := o.network(&said, &m)
			if err == nil {
				release()
			}
			if diff := cmp.Diff(test.said, said.String()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.fault, words(err)); diff != "" {
				t.Error(diff)
			}
			if err == nil && len(m.Forward)+len(m.Echo) != strings.Count(said.String(), "\n") {
				t.Errorf("the machine gets %v and %v", m.Forward, m.Echo)
			}
		})
	}
}

func TestForwardFromAnyPort(t *testing.T) {
	var said bytes.Buffer
	var m vm.Machine
	o := bootOptions{forwards: []string{"0:8080"}}
	release, err := o.network(&said, &m)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	want := fmt.Sprintf("127.0.0.1:%d leads to port 8080 of the machine\n", m.Forward[0].Host)
	if diff := cmp.Diff(want, said.String()); diff != "" || m.Forward[0].Host == 0 {
		t.Error(diff)
	}
}

// The server that a machine finds by default is the one that the shipped room web asks.
func TestDefaultEchoIsTheUpstreamOfWeb(t *testing.T) {
	p, faults, err := compiler.Compile(os.DirFS("../../rooms"), "rooms", compiler.Target{Arch: abi.AArch64})
	if err != nil || faults.HasErrors() {
		t.Fatal(err, faults)
	}
	web := slices.IndexFunc(p.Rooms, func(r policy.Room) bool { return r.Name == "web" })
	if web < 0 {
		t.Fatal("there is no room web")
	}
	argv := p.Rooms[web].Argv
	if i := slices.Index(argv, "--upstream"); i < 0 || argv[i+1] != defaultEcho {
		t.Errorf("web runs %q, the server is at %s", argv, defaultEcho)
	}
	if flag := ukiBootCommand().Flags().Lookup("echo"); flag.DefValue != "["+defaultEcho+"]" {
		t.Errorf("--echo is %s by default", flag.DefValue)
	}
}
