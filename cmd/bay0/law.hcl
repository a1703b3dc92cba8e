# What PID 1 is held to, judged by `passportc gate bay0`. A person must be able to read
# all of it, and it must not be able to do what it has no business with.
#
# lines     of code at most: lines that are neither blank nor only comment, as tokei
#           counts them, in all packages of this module that Bay0 is made of, no tests
# bytes     of a binary at most
# licences  of the modules that it links, which docs/DEPENDENCIES.md lists
# part      folders of this module that it is made of, with the lines planned for them;
#           the nearest folder counts, and a package in none is refused
# unsafe    a file that may import unsafe, because somebody reviewed it
# forbid    a package, with those below it, that nothing in the program may reach

lines    = 3000
bytes    = 3000000
licences = ["BSD-3-Clause"]

part "decoding the policy" {
  folders = ["policy/blob", "policy/abi"]
  lines   = 499
}

part "boot and invariants" {
  folders = ["cmd/bay0"]
  lines   = 584
}

part "system calls" {
  folders = ["cmd/bay0/internal/sys", "cmd/bay0/internal/confine"]
  lines   = 196
}

part "launch" {
  folders = ["cmd/bay0/internal/launch", "cmd/bay0/internal/role"]
  lines   = 448
}

part "stage" {
  folders = ["cmd/bay0/internal/stage"]
  lines   = 399
}

part "supervision" {
  folders = ["cmd/bay0/internal/supervise"]
  lines   = 553
}

part "watchdog and slot" {
  folders = ["cmd/bay0/internal/watchdog", "cmd/bay0/internal/slot", "cmd/bay0/internal/efivar"]
  lines   = 321
}

unsafe "cmd/bay0/internal/sys/landlock_unsafe.go" {
  reason = "x/sys has Landlock's structures and no calls; the kernel reads each structure during the call only"
}

unsafe "cmd/bay0/internal/sys/program_unsafe.go" {
  reason = "a room's program starts under its filter, where nothing may be allocated or copied any more; the kernel reads what was laid out before"
}

unsafe "cmd/bay0/internal/sys/threads_unsafe.go" {
  reason = "capabilities and filters are set on all threads at once, which only raw calls can; the kernel reads each structure during the call only"
}

forbid "net" {
  reason = "PID 1 speaks AF_UNIX only, by system calls that can be read"
}

forbid "embed" {
  reason = "PID 1 is its lines of code, and none counts what is embedded"
}

forbid "encoding/json" {
  reason = "PID 1 has no parser"
}

forbid "encoding/gob" {
  reason = "PID 1 has no parser"
}

forbid "go/parser" {
  reason = "PID 1 has no parser"
}

forbid "text/template" {
  reason = "PID 1 has no templates"
}

forbid "regexp" {
  reason = "PID 1 has no patterns"
}

forbid "path/filepath" {
  reason = "PID 1 walks no patterns"
}

forbid "os/exec" {
  reason = "PID 1 starts itself, by its path, and nothing that is looked up"
}

forbid "os/user" {
  reason = "PID 1 knows numbers, not names"
}

forbid "plugin" {
  reason = "PID 1 loads nothing"
}

forbid "crypto/tls" {
  reason = "PID 1 trusts what it was booted with"
}

forbid "debug/buildinfo" {
  reason = "PID 1 does not read programs"
}

forbid "cuelang.org/go" {
  reason = "PID 1 does not depend on the compiler"
}
