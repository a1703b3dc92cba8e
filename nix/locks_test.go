package nix

import (
	"path/filepath"
	"testing"
)

// lockRefusals are the ways in which a lock can be wrong. Nix itself refuses some when it reads the lock, the
// check by the gate the others. Those that show only beside the lock of before, the gate finds for whoever
// reviews the change.
func lockRefusals() []refusal {
	const (
		rev     = `"rev": "8eeec934ae0dbeca3d7868c059568a65c08b2fc3",`
		hash    = `"narHash": "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW280=",`
		date    = `"lastModified": 1784011430,`
		owner   = `"owner": "NixOS",`
		version = `"version": 7`
		place   = `"owner": "NixOS",
        "repo": "nixpkgs",
        "rev": "8eeec934ae0dbeca3d7868c059568a65c08b2fc3",
        "type": "github"`
		asked = `"original": {
        "owner": "NixOS",
        "ref": "nixos-26.05",
        "repo": "nixpkgs",
        "type": "github"
      }`
		root    = `"root": {`
		inputs  = `"nixpkgs": "nixpkgs"`
		nixpkgs = `"nixpkgs": {`
		tool    = `"tool": {
      "locked": { "lastModified": 1784011430, "narHash": "sha256-lDebytrYdd47IBLwvNOD+6AGeoqZ78CIKlp70hzW284=", "owner": "a", "repo": "tool", "rev": "8eeec934ae0dbeca3d7868c059568a65c08b2fc3", "type": "github" },
      "original": { "owner": "a", "repo": "tool", "ref": "main", "type": "github" }`
	)
	// edited changes the lock: each second text takes the place of the one before it.
	edited := func(texts []string) func(*testing.T, *lab) {
		return func(t *testing.T, l *lab) {
			for i := 0; i < len(texts); i += 2 {
				l.edit(t, "flake.lock", texts[i], texts[i+1])
			}
		}
	}
	alone := func(name, want string, texts ...string) refusal {
		return refusal{name: "a lock with " + name, build: "checks.x86_64-linux.gate-lock", edit: edited(texts), want: want}
	}
	beside := func(name, want string, texts ...string) refusal {
		return refusal{
			name: "a new lock with " + name, edit: edited(texts), want: want,
			whole: func(t *testing.T, l *lab) []string {
				return []string{passportc(t, l), "gate", "lock", "flake.lock", "--base", filepath.Join(l.repository, "flake.lock")}
			},
		}
	}
	return []refusal{
		alone("a branch and no revision", `Lock file contains unlocked input`, rev, `"ref": "nixos-26.05",`),
		alone("a path", `the input "nixpkgs" is a path of this machine \[P0627\]`, place, `"path": "/nix", "type": "path"`),
		alone("an input from a registry", `the input "nixpkgs" is looked up in a registry \[P0627\]`, asked, `"original": { "id": "nixpkgs", "type": "indirect" }`),
		alone("no hash", `Error: the input "nixpkgs" is locked by no narHash \[P0626\]`, hash, ""),
		alone("another owner than was asked for", `Error: the input "nixpkgs" is locked to "github:nixos-org/nixpkgs", but .* \[P0628\]`, owner, `"owner": "nixos-org",`),
		alone("another host than was asked for", `Error: the input "nixpkgs" is locked to "github:NixOS/nixpkgs\?host=.*", but .* \[P0628\]`, rev, rev+` "host": "github.example.org",`),
		alone("an unknown version", `flake\.lock' has unsupported version 8`, version, `"version": 8`),
		alone("a key given twice", `Error: the key "rev" is given twice \[P0622\]`, rev, rev+rev),
		alone("a circle", `Error: the node "tool" is the input of two, or of itself \[P0625\]`, root, tool+`, "inputs": { "tool": "tool" } }, `+root, inputs, inputs+`, "tool": "tool"`),
		alone("a node that nothing uses", `Error: no input leads to the node "tool" \[P0625\]`, root, tool+` }, `+root),
		alone("an input that leads nowhere", `lock file references missing node 'tool'`, inputs, inputs+`, "tool": "tool"`),
		alone("its end cut off", `unexpected end of input`, version+"\n}", ""),
		beside("another hash of the same revision", `Error: the narHash of the input "nixpkgs" changed, and its rev did not \[P0629\]`, "W280=", "W284="),
		beside("another date of the same revision", `Error: the lastModified of the input "nixpkgs" changed, and its rev did not \[P0629\]`, date, `"lastModified": 1784011431,`),
		beside("another owner", `Error: the input "nixpkgs" comes from "github:nixos-org/nixpkgs" and came from .* \[P0628\]`, owner, `"owner": "nixos-org",`, owner, `"owner": "nixos-org",`),
		beside("another host", `Error: the input "nixpkgs" comes from .*github\.example\.org.* \[P0628\]`, rev, rev+` "host": "github.example.org",`, `"ref": "nixos-26.05",`, `"ref": "nixos-26.05", "host": "github.example.org",`),
		beside("an earlier date", `Error: .* \[P0630\]`, date, `"lastModified": 1700000000,`, "8eeec934", "8eeec935", "W280=", "W284="),
		beside("an input of an input that nobody named", `Error: the input "nixpkgs/tool" came in with another one \[P0631\]`, nixpkgs, tool+` }, "nixpkgs": { "inputs": { "tool": "tool" },`),
	}
}
