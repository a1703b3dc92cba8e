package abi

// Limits that Bay0 itself holds a policy to; the compiler holds it to more (package
// policy).
const (
	MaxString = 4095 // bytes: PATH_MAX with its NUL
	MinUID    = 10_000
	MaxUID    = 19_999
)
