package judge

import (
	"cmp"

	"github.com/anchor-os/anchor/policy/blob"
)

// sorted wants the lists of a room to ascend: a policy has one order, and holds nothing
// twice.
func sorted(r blob.Room) error {
	return cmp.Or(
		ascending("environment", r.Environment().Len(), func(i int) string { return string(r.Environment().At(i)) }),
		ascending("after", r.After().Len(), r.After().At),
		ascending("groups", r.Groups().Len(), r.Groups().At),
		ascending("settings", r.Cgroup().Len(), keys(r.Cgroup())),
		ascending("rlimits", r.Rlimits().Len(), func(i int) uint32 { return r.Rlimits().At(i).Resource }),
		ascending("mounts", r.Mounts().Len(), func(i int) string { return string(r.Mounts().At(i).Target()) }),
		ascending("binds", r.Binds().Len(), func(i int) string { return string(r.Binds().At(i).Target()) }),
		ascending("files", r.Files().Len(), keys(r.Files())),
		ascending("sockets", r.Sockets().Len(), func(i int) string { return string(r.Sockets().At(i).Name()) }),
		ascending("paths", r.Paths().Len(), func(i int) string { path, _ := r.Paths().At(i); return string(path) }),
		ascending("ports", r.Ports().Len(), func(i int) uint16 { return r.Ports().At(i).Port }),
		options(r.Mounts()),
	)
}

func options(m blob.Mounts) error {
	for i := range m.Len() {
		if err := ascending("options", m.At(i).Options().Len(), keys(m.At(i).Options())); err != nil {
			return err
		}
	}
	return nil
}

// keys are the first of each pair.
func keys(p blob.Pairs) func(int) string {
	return func(i int) string { key, _ := p.At(i); return string(key) }
}

func ascending[K cmp.Ordered](what string, n int, key func(int) K) error {
	for i := 1; i < n; i++ {
		if key(i-1) >= key(i) {
			return fault("%s do not ascend, at number %d", what, i)
		}
	}
	return nil
}
