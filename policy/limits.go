package policy

import "github.com/anchor-os/anchor/policy/abi"

// Limits of a policy, for the compiler that makes one and the judge that refuses one.
// They bound what PID 1 can be asked to do before it has
// started anything; none of them is a limit of the format's fields.
const (
	MaxRooms        = 4096
	MaxCommandLine  = 1900 // bytes; the kernel takes 2,047 on arm64, of which Bay0's digest and " --" need 90
	MaxArguments    = 256
	MaxSettings     = 32
	MaxMounts       = 64
	MaxOptions      = 16
	MaxBinds        = 64
	MaxPaths        = 256
	MaxStartTimeout = 600_000
	MaxStopTimeout  = 600_000
	MaxRoomWatchdog = 3_600_000 // milliseconds
	MaxInvariants   = 256
	MinChannel      = 20_000 // gids of sockets between rooms
	MaxChannel      = 29_999
	MaxAfter        = 256
	MaxGroups       = 64
	MaxFiles        = 16
	MaxSockets      = 32
	MaxPorts        = 256
	MaxRestartDelay = 3_600_000 // milliseconds
	MaxRestartLimit = 1_000_000
	MaxLogLines     = 1_000_000
	MaxSettle       = 3_600_000 // milliseconds
	MinWatchdog     = 2         // seconds
	MaxWatchdog     = 600
	MaxImage        = 1 << 30
	MaxOOMScoreAdj  = 1000
	maxHostname     = 64 // __NEW_UTS_LEN
	maxRoomName     = 31
	MaxVersion      = 1<<31 - 1
)

// ValidRoomName reports whether s can name a room: it becomes a cgroup, a path
// and a word in the log, so it holds lower-case letters, digits and inner
// hyphens only, and starts with a letter. No room can speak as Bay0.
func ValidRoomName[T string | []byte](s T) bool {
	return len(s) > 0 && len(s) <= maxRoomName && validLabel(s) && string(s) != abi.Bay0Name
}

// ValidSocketName reports whether s can name a socket between rooms: the form is
// that of a room's name.
func ValidSocketName[T string | []byte](s T) bool {
	return len(s) > 0 && len(s) <= maxRoomName && validLabel(s)
}

// validLabel is one label of a host name (RFC 952), in lower case.
func validLabel[T string | []byte](s T) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z':
		case i > 0 && '0' <= c && c <= '9':
		case i > 0 && i < len(s)-1 && c == '-':
		default:
			return false
		}
	}
	return true
}

// ValidPath reports whether s is an absolute path in its shortest form: no
// empty, "." or ".." part, no trailing slash but for "/" itself.
func ValidPath[T string | []byte](s T) bool {
	if len(s) == 0 || s[0] != '/' {
		return false
	}
	if len(s) == 1 {
		return true
	}
	for start := 1; ; {
		end := start
		for end < len(s) && s[end] != '/' {
			end++
		}
		if part := s[start:end]; len(part) == 0 || string(part) == "." || string(part) == ".." {
			return false
		}
		if end == len(s) {
			return true
		}
		start = end + 1
	}
}

// ValidMountPoint is ValidPath but for "/", which only the image is mounted on.
func ValidMountPoint[T string | []byte](s T) bool { return len(s) > 1 && ValidPath(s) }

// ValidHostname reports whether s can be a room's hostname: what can name a
// room, up to the kernel's limit of 64 bytes (__NEW_UTS_LEN).
func ValidHostname[T string | []byte](s T) bool {
	return len(s) <= maxHostname && len(s) > 0 && validLabel(s)
}

// ValidPartition reports whether s can be a GPT partition's name: at most 36
// characters (UEFI specification, 5.3.3), of those that need no quoting anywhere.
func ValidPartition[T string | []byte](s T) bool {
	return len(s) <= 36 && len(s) > 0 && validLabel(s)
}

// ValidCgroupFile reports whether s is one of the limits that a policy can set
// (kernel: Documentation/admin-guide/cgroup-v2.rst). Other files of a cgroup move
// or stop processes, Bay0's own among them.
func ValidCgroupFile[T string | []byte](s T) bool {
	switch string(s) {
	case "cpu.max", "cpu.weight", "memory.high", "memory.max", "pids.max":
		return true
	}
	return false
}

// ValidFileSystem reports whether a room can have a file system of type s made
// new. Of the rest, most show the machine.
func ValidFileSystem[T string | []byte](s T) bool {
	return string(s) == FileSystemOnPartition || string(s) == "proc" || string(s) == "tmpfs"
}

// ValidInvariantPath reports whether s is below /proc or /sys, where the kernel
// says what it enforces.
func ValidInvariantPath[T string | []byte](s T) bool {
	return ValidPath(s) && (len(s) > 6 && string(s[:6]) == "/proc/" || len(s) > 5 && string(s[:5]) == "/sys/")
}

// FileSystemOnPartition is the one type that needs a partition.
const FileSystemOnPartition = "ext4"

// ValidAssignment reports whether s has the form KEY=value that execve(2)'s
// environment needs, with a key of its own.
func ValidAssignment[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] == '=' {
			return i > 0
		}
	}
	return false
}

// ValidCommandLine reports whether s can be a kernel command line that arrives
// in /proc/cmdline as it was written: printable ASCII with single blanks between
// its parameters. systemd's stub trims blanks at the ends and turns tabs into
// blanks, so what it would change is not valid here.
func ValidCommandLine[T string | []byte](s T) bool {
	blank := true // a blank here would stand at the start or beside another
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' && blank, c < ' ', c > '~':
			return false
		default:
			blank = c == ' '
		}
	}
	return !blank && len(s) <= MaxCommandLine
}
