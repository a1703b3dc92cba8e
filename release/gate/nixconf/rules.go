package nixconf

import (
	"slices"

	"github.com/anchor-os/anchor/release/lazyregexp"
)

// Rule is what one setting must be.
type Rule struct {
	name    string
	aliases []string
	list    bool // extra-NAME adds to it
	normal  []string
	want    want
	values  []string
	warn    bool // a finding is a warning
	reason  string
	source  string
}

// want is how a rule judges the words of a setting.
type want uint8

const (
	equal   want = iota + 1 // the one word is one of values
	empty                   // there are none
	only                    // each is one of values
	without                 // none is one of values
	caches                  // each is a cache that the call allows
	keys                    // each is a key that the call allows
	shell                   // in a file there are none; of what is shown each gives /bin/sh a program of the store, or is one of values: what Nix was built with
)

// rules are all rules. The sources are pages of the Nix manual, whose part on nix.conf
// has a section for each setting. The defaults are those of Nix 2.26.
var rules = []Rule{
	{
		name: "sandbox", aliases: []string{"build-use-chroot", "build-use-sandbox"}, normal: []string{"true"}, want: equal, values: []string{"true"},
		reason: "without it a build reads the machine's files and talks to the network; relaxed lets any derivation out that asks for it by __noChroot",
		source: "Nix manual, nix.conf, sandbox",
	},
	{
		name: "sandbox-fallback", normal: []string{"true"}, want: equal, values: no,
		reason: "where the kernel refuses the sandbox, Nix would build without it and say nothing",
		source: "Nix manual, nix.conf, sandbox-fallback",
	},
	{
		name: "sandbox-paths", aliases: []string{"build-chroot-dirs", "build-sandbox-paths"}, list: true, want: shell, values: []string{"/bin/sh=/usr/bin/bash-static"},
		reason: "what is mounted into the sandbox is an input that no derivation names, and can be written to",
		source: "Nix manual, nix.conf, sandbox-paths",
	},
	{
		name: "filter-syscalls", normal: []string{"true"}, want: equal, values: yes,
		reason: "a build could leave setuid programs behind",
		source: "Nix manual, nix.conf, filter-syscalls",
	},
	{
		name: "allow-new-privileges", normal: []string{"false"}, want: equal, values: no,
		reason: "a build could gain privileges through a setuid program",
		source: "Nix manual, nix.conf, allow-new-privileges",
	},
	{
		name: "impure-env", list: true, want: empty,
		reason: "a build would depend on variables that no derivation names",
		source: "Nix manual, nix.conf, impure-env",
	},
	{
		name: "experimental-features", list: true, want: without, values: []string{"impure-derivations", "configurable-impure-env"},
		reason: "they let a build reach the network, or read variables of the machine",
		source: "Nix manual, Experimental Features",
	},
	{
		name: "pre-build-hook", want: empty,
		reason: "it is a program that can open the sandbox for each build",
		source: "Nix manual, nix.conf, pre-build-hook",
	},
	{
		name: "post-build-hook", want: empty,
		reason: "it is a program that runs as root after each build, outside the sandbox",
		source: "Nix manual, nix.conf, post-build-hook",
	},
	{
		name: "plugin-files", list: true, want: empty,
		reason: "they are code that Nix loads into itself",
		source: "Nix manual, nix.conf, plugin-files",
	},
	{
		name: "allow-unsafe-native-code-during-evaluation", normal: []string{"false"}, want: equal, values: no,
		reason: "an expression could run programs outside the sandbox",
		source: "Nix manual, nix.conf, allow-unsafe-native-code-during-evaluation",
	},
	{
		name: "allow-import-from-derivation", normal: []string{"true"}, want: equal, values: no, warn: true,
		reason: "what is built would depend on what an earlier build gave, so that nobody can see what a release is made of without building",
		source: "Nix manual, Import From Derivation",
	},
	{
		name: "substituters", aliases: []string{"binary-caches"}, list: true, normal: []string{"https://cache.nixos.org/"}, want: caches,
		reason: "what a cache gives is taken in the place of a build, on the word of whoever runs it",
		source: "Nix manual, nix.conf, substituters",
	},
	{
		name: "trusted-substituters", aliases: []string{"trusted-binary-caches"}, list: true, want: caches,
		reason: "any user could have Nix take what such a cache gives",
		source: "Nix manual, nix.conf, trusted-substituters",
	},
	{
		name: "trusted-public-keys", aliases: []string{"binary-cache-public-keys"}, list: true, normal: []string{"cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="}, want: keys,
		reason: "what such a key signed is taken in the place of a build, wherever it comes from",
		source: "Nix manual, nix.conf, trusted-public-keys",
	},
	{
		name: "require-sigs", normal: []string{"true"}, want: equal, values: yes,
		reason: "anything could be put into the store in the place of a build",
		source: "Nix manual, nix.conf, require-sigs",
	},
	{
		name: "secret-key-files", list: true, want: empty,
		reason: "no private key lies on a machine that builds",
		source: "Nix manual, nix.conf, secret-key-files",
	},
	{
		name: "accept-flake-config", normal: []string{"false"}, want: equal, values: no,
		reason: "a flake could change every setting here",
		source: "Nix manual, nix.conf, accept-flake-config",
	},
	{
		name: "trusted-users", list: true, normal: []string{"root"}, want: only, values: []string{"root"},
		reason: "a trusted user can change every setting here, and so is root",
		source: "Nix manual, nix.conf, trusted-users",
	},
	{
		name: "allow-dirty-locks", normal: []string{"false"}, want: equal, values: no,
		reason: "a lock could name what nobody else can get",
		source: "Nix manual, nix.conf, allow-dirty-locks",
	},
}

// Nix takes these words for true and for false.
var (
	yes = []string{"true", "yes", "1"}
	no  = []string{"false", "no", "0"}
)

// shellPath is how Nix is built to give builds a shell (Nix manual, sandbox-paths); that
// of Debian is one of the machine's own files.
var shellPath = lazyregexp.New(`^/bin/sh=/nix/store/[A-Za-z0-9+._/-]+$`)

// rule finds the rule for a setting by any of its names, nil if there is none.
func rule(name string) *Rule {
	for i := range rules {
		if rules[i].name == name || slices.Contains(rules[i].aliases, name) {
			return &rules[i]
		}
	}
	return nil
}

func (r *Rule) defaults() (words []word) {
	for _, text := range r.normal {
		words = append(words, word{text: text})
	}
	return words
}
