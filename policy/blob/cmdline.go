package blob

import "encoding/hex"

// DigestParameter names the kernel parameter that carries the blob's SHA-256.
// The dot in it keeps the kernel from passing it to PID 1 as an environment
// variable (kernel: Documentation/admin-guide/kernel-parameters.rst).
const DigestParameter = "bay0.passports=sha256:"

// AppendCommandLine appends the whole command line that a machine must have been
// booted with: the policy's own, the digest of the blob, and " --". What firmware
// or a loader adds later then stands behind the "--", where the kernel takes it
// for arguments of PID 1, which refuses any.
func AppendCommandLine(dst, own []byte, digest [32]byte) []byte {
	dst = append(dst, own...)
	dst = append(dst, " "+DigestParameter...)
	dst = hex.AppendEncode(dst, digest[:])
	return append(dst, " --"...)
}
