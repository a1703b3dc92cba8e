package judge

import (
	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob"
)

// files judges what the room's root is built of.
func files(r blob.Room) error {
	switch {
	case r.Mounts().Len() > policy.MaxMounts:
		return fault("%d mounts, want at most %d", r.Mounts().Len(), policy.MaxMounts)
	case r.Binds().Len() > policy.MaxBinds:
		return fault("%d binds, want at most %d", r.Binds().Len(), policy.MaxBinds)
	case r.Files().Len() > policy.MaxFiles:
		return fault("%d files, want at most %d", r.Files().Len(), policy.MaxFiles)
	}
	for i := range r.Mounts().Len() {
		if err := mount(r.Mounts().At(i)); err != nil {
			return err
		}
	}
	for i := range r.Binds().Len() {
		if err := bind(r.Binds().At(i)); err != nil {
			return err
		}
	}
	for i := range r.Files().Len() {
		if target, _ := r.Files().At(i); !policy.ValidMountPoint(target) {
			return fault("file at %.64q, which is no mount point", target)
		}
	}
	return nil
}

func mount(m blob.Mount) error {
	partition := m.Partition()
	switch {
	case !policy.ValidMountPoint(m.Target()):
		return fault("%.64q is no mount point", m.Target())
	case !policy.ValidFileSystem(m.Type()):
		return fault("%.64q is no file system type", m.Type())
	case len(partition) > 0 && !policy.ValidPartition(partition):
		return fault("%.64q is no partition name", partition)
	case (string(m.Type()) == policy.FileSystemOnPartition) != (len(partition) > 0):
		return fault("%s on partition %q", m.Type(), partition)
	case m.Options().Len() > policy.MaxOptions:
		return fault("%d mount options, want at most %d", m.Options().Len(), policy.MaxOptions)
	}
	for i := range m.Options().Len() {
		if key, _ := m.Options().At(i); len(key) == 0 {
			return fault("a mount option without a name")
		}
	}
	return nil
}

func bind(b blob.Bind) error {
	switch {
	case !policy.ValidMountPoint(b.Target()):
		return fault("bind on %.64q, which is no mount point", b.Target())
	case !policy.ValidPath(b.Source()):
		return fault("bind of %.64q, which is no absolute path", b.Source())
	case b.Kind() != policy.KindDevice && b.Kind() != policy.KindSocket:
		return fault("bind of file type 0o%o, want a character device or a socket", b.Kind())
	case b.Kind() == policy.KindSocket && (b.Major() != 0 || b.Minor() != 0 || b.GID() != 0):
		return fault("a socket with device number %d:%d and group %d", b.Major(), b.Minor(), b.GID())
	case b.Kind() == policy.KindDevice && b.Major() == 0 && b.Minor() != 0:
		return fault("a device of any number with minor number %d", b.Minor())
	case b.GID() != 0 && !isChannel(b.GID()):
		return channelFault(b.GID())
	}
	return nil
}

// landlock wants rules to grant something, and nothing but what is handled.
func landlock(r blob.Room) error {
	switch {
	case r.Paths().Len() > policy.MaxPaths:
		return fault("%d Landlock rules for files, want at most %d", r.Paths().Len(), policy.MaxPaths)
	case r.Ports().Len() > policy.MaxPorts:
		return fault("%d Landlock rules for ports, want at most %d", r.Ports().Len(), policy.MaxPorts)
	}
	for i := range r.Paths().Len() {
		switch path, access := r.Paths().At(i); {
		case !policy.ValidPath(path):
			return fault("Landlock rule for %.64q, which is no absolute path", path)
		case access == 0 || access&^abi.LandlockFS != 0:
			return fault("Landlock rule grants 0x%x, want some of 0x%x", access, uint64(abi.LandlockFS))
		}
	}
	for i := range r.Ports().Len() {
		switch p := r.Ports().At(i); {
		case p.Port == 0:
			return fault("Landlock rule for TCP port 0")
		case p.Access == 0 || p.Access&^abi.LandlockNet != 0:
			return fault("Landlock rule grants 0x%x, want some of 0x%x", p.Access, uint64(abi.LandlockNet))
		}
	}
	return nil
}
