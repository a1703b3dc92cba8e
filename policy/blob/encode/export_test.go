package encode

import "github.com/anchor-os/anchor/policy"

// Unchecked is Encode without its last step, to make blobs that must be refused.
func Unchecked(p policy.Policy) []byte { return encode(p) }
