package lower

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/anchor-os/anchor/compiler/check"
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
)

// logLimit lets a room report at length when it starts, and then keeps it from
// drowning the others.
var logLimit = abi.LogLimit{Burst: 500, PerSecond: 50}

// restart waits 0.1 s before the first try and half a minute from the tenth on.
// Ten tries in a row take about two minutes; a room that still fails needs
// somebody to look at it.
func restart(r check.Room) abi.Restart {
	if r.Restart == abi.RestartNever {
		return abi.Restart{}
	}
	return abi.Restart{Mode: r.Restart, Delay: 100, DelayMax: 30_000, Limit: 10}
}

// oomScoreAdj makes the kernel kill a room before Bay0, and one that the machine
// can lose before one that it cannot.
func oomScoreAdj(r check.Room) int32 {
	if r.Critical {
		return 100
	}
	return 500
}

// environment is the passport's, where to say READY=1 (sd_notify(3)), how often to
// say WATCHDOG=1 (sd_watchdog_enabled(3)) and which sockets there are
// (sd_listen_fds(3)). A room's program is pid 1 of its namespace.
func environment(r check.Room) []string {
	var all []string
	for _, v := range r.Environment {
		all = append(all, v.Name+"="+v.Value)
	}
	if r.ReadinessNotify {
		all = append(all, "NOTIFY_SOCKET="+policy.NotifyTarget)
	}
	if r.Watchdog > 0 {
		all = append(all, "WATCHDOG_USEC="+strconv.FormatInt(r.Watchdog.Microseconds(), 10))
	}
	if n := len(r.Sockets); n > 0 {
		names := make([]string, n)
		for i, s := range r.Sockets {
			names[i] = s.Name
		}
		all = append(all, "LISTEN_FDS="+strconv.Itoa(n), "LISTEN_PID=1", "LISTEN_FDNAMES="+strings.Join(names, ":"))
	}
	slices.Sort(all)
	return all
}

func milliseconds(d time.Duration) uint32 { return uint32(d.Milliseconds()) }

// capabilityBits are those that the schema grants, as sets.
var capabilityBits = map[string]uint32{"NET_BIND_SERVICE": abi.CapNetBindService}

func capabilities(r check.Room) (set uint32) {
	for _, name := range r.Capabilities {
		set |= capabilityBits[name]
	}
	return set
}
