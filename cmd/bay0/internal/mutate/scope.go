package mutate

import (
	"go/ast"
	"path/filepath"
	"slices"
	"strings"
)

// What enforces, and for whom: the few facts about Bay0 that its syntax does not
// tell.

// silent are packages whose calls enforce nothing.
var silent = []string{"fmt", "errors", "strings", "bytes", "strconv", "binary", "runtime", "debug", "sha256", "hex", "io", "path", "math", "slices"}

func enforces(callee string) bool {
	pkg, name, _ := strings.Cut(callee, ".")
	switch name {
	case "Close", "Exit", "Read", "Exec", "Send", "Receive", "say":
		return false // the ends of descriptors and processes; Exec, without which there is no program; messages
	case "Feed", "Count", "Keep":
		return false // what keeps the watchdog from a reset; slots, whose tests read the firmware's variables
	case "InOrder", "Step":
		return false // the steps are left out one by one
	}
	// A step of a list is left out there; prepare is all that start does; and alive
	// keeps the watchdog from what would be a reset.
	return callee != "" && callee != "step" && callee != "alive" && name != "prepare" && !slices.Contains(silent, pkg) && callee != "panic" && callee != "append" && callee != "copy"
}

// weakens reports whether arguments of the call can be weakened.
func weakens(callee string) bool {
	pkg, name, _ := strings.Cut(callee, ".")
	return callee != "" && !slices.Contains(silent, pkg) && name != "say" && name != "Keep"
}

// carries reports whether a function only carries messages between Bay0's own
// processes: without it nothing is started at all.
func carries(file, function string) bool {
	return slices.Contains([]string{
		"Run", "run", "answer", "Ask", "received", "Await", "Memory",
		"executed", "tell", "Instructions", "InOrder", "Step",
		"main", "fail", "end", // which role this is, and how it ends
	}, function) && !(function == "run" && (file == "main.go" || strings.HasPrefix(file, "internal/stage/")))
}

// concernsRoom reports whether a function builds a room: what it does to one, others
// do not feel. The sockets of all rooms are made before there is any, and a fault
// then ends the launcher.
//
// A device has one owner and one mode, which the first of the rooms that have it
// gives it for all; the launcher's way back into its own network is for all as well;
// and a stage without a mount namespace takes the machine's own root away.
func concernsRoom(file, function, call string) bool {
	dir, name := filepath.Base(filepath.Dir(file)), filepath.Base(file)
	switch {
	case dir == "stage" && (function == "share" || function == "bind" && strings.Contains(call, "b.GID()")):
		return false
	case dir == "stage":
		return true
	case strings.Contains(call, "l.own") || call == "r.Namespaces(): without 0x20000":
		return false
	case dir == "launch":
		return (slices.Contains([]string{"process.go", "cgroup.go"}, name) || function == "checkOpen" || function == "listenNotify") &&
			!slices.Contains([]string{"enableControllers", "Kill"}, function)
	case dir == "sys":
		return !slices.Contains([]string{"FilterAllThreads", "EnforceAllThreads", "ForbidPrivileges", "KeepCapabilities", "LandlockABI"}, function)
	}
	return false
}

// enter has the functions in which the work for a room begins say for which.
func (f *rewriter) enter(fn *ast.FuncDecl) {
	room := ""
	switch f.name + " " + fn.Name.Name {
	case "internal/stage/stage.go Run":
		room = "int(i)"
	case "internal/launch/process.go start":
		room = "int(n)"
	}
	if room != "" {
		f.insert(fn.Body.Lbrace+1, " mutant.Enter("+room+"); ")
	}
}
