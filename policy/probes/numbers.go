package probes

import "github.com/anchor-os/anchor/policy/abi"

// Number is the number of one of the system calls that probes make, for people and
// for the filter. Package seccomp has the tables of all; a test compares.
func Number(arch abi.Arch, name string) (number uint32, ok bool) {
	n, ok := numbers[name]
	switch arch {
	case abi.AArch64:
		return n.aarch64, ok
	case abi.X8664:
		return n.x8664, ok
	}
	return 0, false
}

// numbers are those of include/uapi/asm-generic/unistd.h and
// arch/x86/entry/syscalls/syscall_64.tbl.
var numbers = map[string]struct{ aarch64, x8664 uint32 }{
	"add_key":            {217, 248},
	"bind":               {200, 49},
	"bpf":                {280, 321},
	"capset":             {91, 126},
	"chroot":             {51, 161},
	"clock_gettime":      {113, 228},
	"clock_settime":      {112, 227},
	"clone":              {220, 56},
	"clone3":             {435, 435},
	"connect":            {203, 42},
	"dup3":               {24, 292},
	"execve":             {221, 59},
	"fallocate":          {47, 285},
	"fchmodat":           {53, 268},
	"fcntl":              {25, 72},
	"finit_module":       {273, 313},
	"fsmount":            {432, 432},
	"fsopen":             {430, 430},
	"ftruncate":          {46, 77},
	"getdents64":         {61, 217},
	"getpid":             {172, 39},
	"getrandom":          {278, 318},
	"getsockopt":         {209, 55},
	"init_module":        {105, 175},
	"io_uring_setup":     {425, 425},
	"ioctl":              {29, 16},
	"kcmp":               {272, 312},
	"kexec_load":         {104, 246},
	"keyctl":             {219, 250},
	"kill":               {129, 62},
	"listen":             {201, 50},
	"madvise":            {233, 28},
	"memfd_create":       {279, 319},
	"mkdirat":            {34, 258},
	"mknodat":            {33, 259},
	"mmap":               {222, 9},
	"mount":              {40, 165},
	"mount_setattr":      {442, 442},
	"move_mount":         {429, 429},
	"mprotect":           {226, 10},
	"open_by_handle_at":  {265, 304},
	"open_tree":          {428, 428},
	"openat":             {56, 257},
	"perf_event_open":    {241, 298},
	"personality":        {92, 135},
	"pidfd_getfd":        {438, 438},
	"pivot_root":         {41, 155},
	"prctl":              {167, 157},
	"prlimit64":          {261, 302},
	"process_vm_readv":   {270, 310},
	"process_vm_writev":  {271, 311},
	"ptrace":             {117, 101},
	"pwrite64":           {68, 18},
	"read":               {63, 0},
	"reboot":             {142, 169},
	"renameat":           {38, 264},
	"request_key":        {218, 249},
	"sched_setscheduler": {119, 144},
	"sched_yield":        {124, 24},
	"sendto":             {206, 44},
	"setdomainname":      {162, 171},
	"setgid":             {144, 106},
	"setgroups":          {159, 116},
	"sethostname":        {161, 170},
	"setns":              {268, 308},
	"setpriority":        {140, 141},
	"setresuid":          {147, 117},
	"settimeofday":       {170, 164},
	"setuid":             {146, 105},
	"socket":             {198, 41},
	"statfs":             {43, 137},
	"swapon":             {224, 167},
	"symlinkat":          {36, 266},
	"syslog":             {116, 103},
	"truncate":           {45, 76},
	"umount2":            {39, 166},
	"uname":              {160, 63},
	"unlinkat":           {35, 263},
	"unshare":            {97, 272},
	"userfaultfd":        {282, 323},
	"wait4":              {260, 61},
	"waitid":             {95, 247},
	"write":              {64, 1},
}
