// Package abi is what the compiler that makes a policy and Bay0 that enforces it
// must agree on: the kernel's numbers, the places where things lie, and the values
// that mean something to Bay0. It imports the standard library only.
package abi
