// Package kernel holds what the kernel's configuration, its command line and the
// running kernel are held to. Package compiler/hardening reads it.
package kernel

import _ "embed"

// HardeningName is the path of the rules in a checkout, for messages.
const HardeningName = "kernel/hardening.hcl"

// Hardening is the rules' text.
//
//go:embed hardening.hcl
var Hardening []byte
