package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/anchor-os/anchor/release/vm"
)

func main() {
	m := vm.Machine{Image: os.Args[1], Firmware: "out/parts/AAVMF_CODE.fd", Vars: "out/parts/AAVMF_VARS.fd", Console: os.Stdout, Timeout: 60 * time.Second,
		Until: func(l string) bool { return strings.HasPrefix(l, "bay0: verdict") }}
	r, err := m.Run(context.Background())
	fmt.Println(r.Ending, r.After, err)
}
