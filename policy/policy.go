// Package policy holds what a machine enforces: the passports of all its rooms,
// checked, resolved for one architecture and put in canonical order.
//
// A Policy names nothing that still has to be looked up, parsed or decided at
// run time: sizes are bytes, system calls are BPF, limits are the very strings
// that go into the cgroup's files. The compiler makes one, package encode turns
// it into bytes, Bay0 copies those bytes into system calls.
package policy
