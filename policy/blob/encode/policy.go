package encode

import (
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/blob"
)

// Policy copies a View back into the Policy that encodes to its bytes.
func Policy(v *blob.View) policy.Policy {
	p := policy.Policy{
		Arch:        v.Arch(),
		Version:     v.Version(),
		Floor:       v.Floor(),
		CommandLine: string(v.CommandLine()),
		OnFailure:   v.OnFailure(),
		LandlockABI: v.LandlockABI(),
		SecureBoot:  v.SecureBoot(),
		Settle:      v.Settle(),
		Watchdog:    v.Watchdog(),
		Filter:      list(v.Filter().Len(), v.Filter().At),
	}
	p.Invariants = list(v.Invariants(), func(i int) policy.Invariant {
		n := v.Invariant(i)
		return policy.Invariant{Path: string(n.Path()), Kind: n.Kind(), Text: string(n.Text()), Min: n.Min(), Max: n.Max()}
	})
	for i := range v.Rooms() {
		p.Rooms = append(p.Rooms, room(v, v.Room(i)))
	}
	return p
}

func room(v *blob.View, r blob.Room) policy.Room {
	p := policy.Room{
		Name:         string(r.Name()),
		Hostname:     string(r.Hostname()),
		Argv:         words(r.Argv()),
		Environment:  words(r.Environment()),
		Directory:    string(r.Directory()),
		UID:          r.UID(),
		GID:          r.GID(),
		Critical:     r.Critical(),
		Notify:       r.Notify(),
		StartTimeout: r.StartTimeout(),
		StopTimeout:  r.StopTimeout(),
		Watchdog:     r.Watchdog(),
		Capabilities: r.Capabilities(),
		OOMScoreAdj:  r.OOMScoreAdj(),
		Restart:      r.Restart(),
		Log:          r.Log(),
		After:        list(r.After().Len(), func(i int) string { return string(v.Room(int(r.After().At(i))).Name()) }),
		Groups:       list(r.Groups().Len(), r.Groups().At),
		Namespaces:   r.Namespaces(),
		Image:        policy.Image{Size: r.ImageSize(), SHA256: [32]byte(r.ImageSHA256())},
		Cgroup: list(r.Cgroup().Len(), func(i int) policy.Setting {
			file, value := r.Cgroup().At(i)
			return policy.Setting{File: string(file), Value: string(value)}
		}),
		Rlimits: list(r.Rlimits().Len(), r.Rlimits().At),
		Mounts:  list(r.Mounts().Len(), func(i int) policy.Mount { return mount(r.Mounts().At(i)) }),
		Binds:   list(r.Binds().Len(), func(i int) policy.Bind { return bind(r.Binds().At(i)) }),
		Files: list(r.Files().Len(), func(i int) policy.File {
			target, content := r.Files().At(i)
			return policy.File{Target: string(target), Content: string(content)}
		}),
		Sockets: list(r.Sockets().Len(), func(i int) policy.Socket { return socket(r.Sockets().At(i)) }),
		Filter:  list(r.Filter().Len(), r.Filter().At),
	}
	p.Landlock = policy.Landlock{
		HandledFS:  r.HandledFS(),
		HandledNet: r.HandledNet(),
		Scoped:     r.Scoped(),
		Paths: list(r.Paths().Len(), func(i int) policy.PathRule {
			path, access := r.Paths().At(i)
			return policy.PathRule{Path: string(path), Access: access}
		}),
		Ports: list(r.Ports().Len(), r.Ports().At),
	}
	return p
}

func mount(m blob.Mount) policy.Mount {
	return policy.Mount{
		Target:     string(m.Target()),
		Type:       string(m.Type()),
		Attributes: m.Attributes(),
		Options: list(m.Options().Len(), func(i int) policy.Option {
			key, value := m.Options().At(i)
			return policy.Option{Key: string(key), Value: string(value)}
		}),
		Partition: string(m.Partition()),
	}
}

func bind(b blob.Bind) policy.Bind {
	return policy.Bind{
		Target:     string(b.Target()),
		Source:     string(b.Source()),
		Attributes: b.Attributes(),
		Kind:       b.Kind(),
		Major:      b.Major(),
		Minor:      b.Minor(),
		GID:        b.GID(),
	}
}

func socket(s blob.Socket) policy.Socket {
	return policy.Socket{Name: string(s.Name()), Path: string(s.Path()), Type: s.Type(), GID: s.GID()}
}

func words(w blob.Words) []string {
	return list(w.Len(), func(i int) string { return string(w.At(i)) })
}

// list collects n values; none is nil, as in a Policy that never had any.
func list[T any](n int, at func(int) T) []T {
	if n == 0 {
		return nil
	}
	values := make([]T, n)
	for i := range values {
		values[i] = at(i)
	}
	return values
}
