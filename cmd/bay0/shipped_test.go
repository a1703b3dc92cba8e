package main_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
	"github.com/anchor-os/anchor/policy/blob/encode"
	"github.com/anchor-os/anchor/release/vm"
	"github.com/google/go-cmp/cmp"
)

// TestShippedRooms boots the machine that the repository ships, twice, with the
// same disk and TPM. Every room comes up, reports each grant used and each
// neighbour denied, and finds again what it kept.
func TestShippedRooms(t *testing.T) {
	dir := t.TempDir()
	u := shippedUnit(t)
	if n := len(u.bay0); n > 3_000_000 {
		t.Errorf("Bay0 has %d bytes, want at most 3,000,000", n)
	}
	disk := filepath.Join(dir, "disk")
	if err := vm.MakeDisk(t.Context(), disk, partitions(t, u)); err != nil {
		t.Fatal(err)
	}
	tpm := filepath.Join(dir, "tpm")
	one, two := bootShipped(t, u, disk, tpm), bootShipped(t, u, disk, tpm)

	for boot, result := range []vm.Result{one, two} {
		if want, got := fmt.Sprintf("boots: %d", boot+1), first(result, "work", "boots: "); got != want {
			t.Errorf("boot %d: work says %q, want %q", boot+1, got, want)
		}
	}
	checkPhases(t, one)
	a, b := first(one, "work", "secret: "), first(two, "work", "secret: ")
	if a == "" || a != b {
		t.Errorf("work's secret was %q and then %q", a, b)
	}
}

// partitions are those that the policy's volumes name, each of its room's user.
func partitions(t *testing.T, u unit) (all []vm.Partition) {
	t.Helper()
	v, err := blob.Decode(u.passports)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range encode.Policy(v).Rooms {
		for _, m := range r.Mounts {
			if m.Partition != "" {
				all = append(all, vm.Partition{Label: m.Partition, Size: vm.SmallestPartition, Owner: r.UID})
			}
		}
	}
	return all
}

// bootShipped boots the shipped unit, speaks with the room web among many others, and wants every
// room to be as its passport says.
func bootShipped(t *testing.T, u unit, disk, tpm string) vm.Result {
	t.Helper()
	port, release, err := vm.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	m := u.machine(t)
	m.Disk, m.TPM = disk, tpm
	m.Forward = []vm.Forward{{Host: port, Guest: 8080}}
	m.Echo = []netip.AddrPort{netip.MustParseAddrPort("10.0.2.100:443")}
	answer := ""
	m.Then = func(ctx context.Context, _ vm.Result) (err error) {
		defer flood(t, fmt.Sprintf("127.0.0.1:%d", port))()
		answer, err = get(ctx, fmt.Sprintf("http://127.0.0.1:%d/", port))
		return err
	}
	result, err := m.Run(t.Context())
	if err != nil || result.Ending != vm.Matched {
		t.Fatalf("the machine ended by %v: %v\n%s", result.Ending, err, result.Text())
	}
	t.Logf("%s\nverdict %.1f s after the start of QEMU", result.Text(), result.After.Seconds())
	if !strings.Contains(answer, "hello") {
		t.Errorf("web answers %q over the network", answer)
	}
	checkRooms(t, result)
	for _, want := range append(promises(t, u), denials...) {
		if first(result, want.room, want.line) == "" {
			t.Errorf("room %s has not reported %q", want.room, want.line)
		}
	}
	return result
}

// claim is the start of a line that a room's report must have.
type claim struct{ room, line string }

// promises are the grants that the policy itself names: each tmpfs, volume, socket
// at either end, and TCP port. Every one of them was used.
func promises(t *testing.T, u unit) (all []claim) {
	t.Helper()
	v, err := blob.Decode(u.passports)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range encode.Policy(v).Rooms {
		add := func(format string, args ...any) {
			all = append(all, claim{r.Name, "grant  " + fmt.Sprintf(format, args...) + " "})
		}
		for _, m := range r.Mounts {
			switch {
			case m.Partition != "":
				add("volume %s", m.Target)
			case m.Type == "tmpfs" && m.Attributes&abi.MountReadOnly == 0:
				add("tmpfs %s", m.Target)
			}
		}
		for _, s := range r.Sockets {
			add("socket %s", s.Name)
		}
		for _, b := range r.Binds {
			if name, found := strings.CutPrefix(b.Target, "/run/sockets/"); found {
				add("socket %s", name)
			}
			if b.Target == "/dev/tpmrm0" {
				add("device tpm")
			}
		}
		for _, p := range r.Landlock.Ports {
			if p.Access&policy.LandlockBindTCP != 0 {
				add("tcp bind %d", p.Port)
			}
			if p.Access&policy.LandlockConnectTCP != 0 {
				add("tcp connect %d", p.Port)
			}
		}
	}
	if len(all) < 9 {
		t.Fatalf("the policy promises only %v", all)
	}
	return all
}

// denials are those on which the machine's layout stands: only work reaches the
// vault's secrets, only vault-access the TPM, only work its files.
var denials = []claim{
	{"web", "deny   sockets              connect to secrets of vault-access "},
	{"reader", "deny   sockets              connect to secrets of vault-access "},
	{"work", "deny   sockets              connect to open-url of web "},
	{"web", "deny   devices              open /dev/tpmrm0 "},
	{"work", "deny   devices              open /dev/tpmrm0 "},
	{"reader", "deny   devices              open /dev/tpmrm0 "},
	{"reader", "deny   volume of work       read /data/boots "},
	{"web", "deny   tcp bind 8080        bind port 8081 "},
	{"web", "deny   tcp connect 443      connect to port 444 "},
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// flood has many say headers to web that have no end: more than its room has memory for. They go with close.
func flood(t *testing.T, address string) (leave func()) {
	t.Helper()
	headers := []byte("GET / HTTP/1.1\r\nHost: web\r\nX: " + strings.Repeat("a", 1<<20))
	var guests []net.Conn
	for range 100 {
		guest, err := net.Dial("tcp4", address)
		if err != nil {
			t.Errorf("cannot come in: %v", err)
			continue
		}
		guests = append(guests, guest)
		go guest.Write(headers) // as far as it gets
	}
	return func() {
		for _, guest := range guests {
			guest.Close()
		}
	}
}

// checkRooms wants the four rooms ready, each with a report in which nothing is
// wrong, and each line that was counted to have been seen.
func checkRooms(t *testing.T, result vm.Result) {
	t.Helper()
	type seen struct {
		State         vm.State
		Grants, Deny  int
		Wrong         int
		CountedByLine bool
	}
	got, want := map[string]seen{}, map[string]seen{}
	for _, r := range vm.Rooms(result.Lines) {
		grants, denials := countProbes(result, r.Name)
		got[r.Name] = seen{r.State, r.Grants, r.Denials, r.Wrong, grants == r.Grants && denials == r.Denials}
		for _, fault := range r.Faults {
			t.Errorf("room %s: %s", r.Name, fault)
		}
		if r.Grants < 3 || r.Denials < 5 {
			t.Errorf("room %s reports %d grants and %d denials only", r.Name, r.Grants, r.Denials)
		}
	}
	for _, name := range []string{"reader", "vault-access", "web", "work"} {
		want[name] = seen{vm.Ready, got[name].Grants, got[name].Deny, 0, true}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rooms (-want +got):\n%s", diff)
	}
}

// countProbes counts the lines in which a room was granted or denied something.
func countProbes(result vm.Result, room string) (grants, denials int) {
	for _, text := range lines(result, room) {
		switch m := probeLine.FindStringSubmatch(text); {
		case m == nil:
		case m[1] == "grant":
			grants++
		default:
			denials++
		}
	}
	return grants, denials
}
