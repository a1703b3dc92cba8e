package main

import (
	"crypto/sha256"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/compiler/lower"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/initrd"
	"github.com/anchor-os/anchor/release/uki"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	calls := regexp.MustCompile(`"([a-z0-9_]+)"`).FindAllStringSubmatch(string(must(os.ReadFile("cue/profiles.cue"))), -1)
	var names []string
	seen := map[string]bool{}
	for _, c := range calls {
		if c[1] != "list" && !seen[c[1]] {
			names = append(names, c[1])
			seen[c[1]] = true
		}
	}
	img := must(os.ReadFile("out/images/web.squashfs"))
	c := &check.Checked{System: check.System{Version: 1, Floor: 1, CommandLine: strings.Fields("console=ttyAMA0 loglevel=4 panic=-1")}}
	c.Rooms = []check.Room{{Name: "web", Hostname: "web", WorkingDirectory: "/", Exec: []string{"/bin/web", "--greeting", "hello"},
		Environment: []check.EnvVar{{"HOME", "/tmp"}, {"LANG", "C.UTF-8"}}, User: 10001, Critical: true, MemoryMax: 64 << 20, CPUQuotaPercent: 50, CPUWeight: 100,
		Pids: 32, OpenFiles: 256, Tmpfs: []check.Tmpfs{{"/tmp", 8 << 20}}, SystemCalls: check.SystemCalls{Calls: names}, ReadinessNotify: true, StartTimeout: 20 * time.Second}}
	p := must(lower.Policy(policy.AArch64, c, map[string]policy.Image{"web": {Size: uint64(len(img)), SHA256: sha256.Sum256(img)}}))
	b := must(encode.Encode(p))
	v := must(blob.Decode(b))
	k := must(os.ReadFile("out/parts/Image"))
	rd := must(initrd.Build(initrd.Contents{Bay0: must(os.ReadFile("/tmp/bay0-arm64")), Images: map[string][]byte{"web": img}, Passports: b}))
	e := must(uki.Assemble(uki.Parts{Stub: must(os.ReadFile("out/parts/linuxaa64.efi.stub")), OSRelease: []byte("ID=anchor\nVERSION_ID=1\n"),
		CommandLine: blob.AppendCommandLine(nil, v.CommandLine(), sha256.Sum256(b)), Uname: []byte(must(uki.KernelRelease(k))), Linux: k, Initrd: rd, Passports: b}))
	os.WriteFile("/tmp/try/anchor.efi", e, 0o644)
}
