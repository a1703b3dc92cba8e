package blob

import (
	"bytes"

	"github.com/anchor-os/anchor/policy"
	"github.com/anchor-os/anchor/policy/abi"
	"github.com/anchor-os/anchor/policy/blob/internal/wire"
)

// This file checks what the records say. The limits are package policy's; the
// reason for each is that Bay0 hands the values to the kernel as they are.

// text checks the string number at offset at, marks it used and returns it.
func (c *checker) text(at int) ([]byte, error) {
	i := c.v.u32(at)
	if uint64(i) >= uint64(c.v.count[wire.Strings]) {
		return nil, faultAt(at, "there is no string %d", i)
	}
	mark(c.strUsed[:], int(i))
	return c.v.str(int(i)), nil
}

// textLike is text with a form that it must have.
func (c *checker) textLike(at int, what string, valid func([]byte) bool) error {
	s, err := c.text(at)
	if err == nil && !valid(s) {
		return faultAt(at, "%.64q is no %s", s, what)
	}
	return err
}

func present(s []byte) bool { return len(s) > 0 }

func absentOr(valid func([]byte) bool) func([]byte) bool {
	return func(s []byte) bool { return len(s) == 0 || valid(s) }
}

// list checks that the list at offset at claims the next records of its table,
// min to max of them, and returns the offset of its first record.
func (c *checker) list(at, table, min, max int) (first, n int, err error) {
	start, count := uint64(c.v.u32(at)), uint64(c.v.u32(at+4))
	switch {
	case start != uint64(c.next[table]):
		return 0, 0, faultAt(at, "list of %s starts at record %d, want %d", wire.TableNames[table], start, c.next[table])
	case start+count > uint64(c.v.count[table]):
		return 0, 0, faultAt(at+4, "list of %s has %d records more than the table", wire.TableNames[table], start+count-uint64(c.v.count[table]))
	case count < uint64(min) || count > uint64(max):
		return 0, 0, faultAt(at+4, "list of %s has %d records, want %d to %d", wire.TableNames[table], count, min, max)
	}
	c.next[table] += int(count)
	return c.v.at(table, int(start)), int(count), nil
}

// each runs check on every record of the list at offset at, and wants the first
// field of the records, a string or number, to ascend strictly: strings are
// sorted, so their numbers order as they do.
func (c *checker) each(at, table, max int, check func(at int) error) error {
	first, n, err := c.list(at, table, 0, max)
	if err != nil {
		return err
	}
	for i := range n {
		record := first + i*wire.RecordSize[table]
		if i > 0 && c.v.u32(record) <= c.v.u32(record-wire.RecordSize[table]) {
			return faultAt(record, "%s do not ascend", wire.TableNames[table])
		}
		if err := check(record); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) rooms() error {
	var last []byte
	for i := range c.v.Rooms() {
		at := c.v.at(wire.Rooms, i)
		if err := c.room(at); err != nil {
			return err
		}
		name := c.v.text(at + wire.RoomName)
		if i > 0 && bytes.Compare(last, name) >= 0 {
			return faultAt(at+wire.RoomName, "room %q does not follow %q in order", name, last)
		}
		last = name
	}
	return nil
}

func (c *checker) room(at int) error {
	for _, part := range []func(at int) error{
		c.identity, c.image, c.program, c.life, c.limits, c.files, c.sockets, c.landlock,
	} {
		if err := part(at); err != nil {
			return err
		}
	}
	return c.filter(at + wire.RoomFilter)
}

func (c *checker) identity(at int) error {
	v := c.v
	if err := c.textLike(at+wire.RoomName, "room name", policy.ValidRoomName[[]byte]); err != nil {
		return err
	}
	if err := c.textLike(at+wire.RoomHostname, "hostname", policy.ValidHostname[[]byte]); err != nil {
		return err
	}
	if f := v.u32(at + wire.RoomFlags); f&^wire.RoomFlagsKnown != 0 {
		return faultAt(at+wire.RoomFlags, "unknown room flags 0x%x", f&^wire.RoomFlagsKnown)
	}
	for i, field := range []int{wire.RoomUID, wire.RoomGID} {
		id := v.u32(at + field)
		if id < abi.MinUID || id > abi.MaxUID {
			return faultAt(at+field, "id %d, want %d to %d", id, abi.MinUID, abi.MaxUID)
		}
		if mark(c.ids[i][:], int(id)) {
			return faultAt(at+field, "id %d belongs to another room", id)
		}
	}
	if ns := v.u64(at + wire.RoomNamespaces); ns&^abi.CloneNewNet != abi.RoomNamespaces {
		return faultAt(at+wire.RoomNamespaces, "namespaces 0x%x, want 0x%x and at most the network's", ns, uint64(abi.RoomNamespaces))
	}
	if caps := v.u32(at + wire.RoomCapabilities); caps&^abi.GrantableCapabilities != 0 {
		return faultAt(at+wire.RoomCapabilities, "capabilities 0x%x, want at most 0x%x", caps, abi.GrantableCapabilities)
	}
	return nil
}

func (c *checker) image(at int) error {
	size := c.v.u64(at + wire.RoomImageSize)
	if size > policy.MaxImage {
		return faultAt(at+wire.RoomImageSize, "image of %d bytes, want at most %d", size, policy.MaxImage)
	}
	unbound := c.zero(at+wire.RoomImageSHA256, at+wire.RoomImageSHA256+32) == nil
	if unbound != (size == 0) {
		return faultAt(at+wire.RoomImageSize, "image of %d bytes whose digest says otherwise", size)
	}
	return nil
}

func (c *checker) program(at int) error {
	v := c.v
	if err := c.textLike(at+wire.RoomDirectory, "absolute path", policy.ValidPath[[]byte]); err != nil {
		return err
	}
	argv, n, err := c.list(at+wire.RoomArgv, wire.Words, 1, policy.MaxArguments)
	if err != nil {
		return err
	}
	if err := c.textLike(argv, "absolute path", policy.ValidPath[[]byte]); err != nil {
		return err
	}
	for i := 1; i < n; i++ {
		if _, err := c.text(argv + i*wire.WordSize); err != nil {
			return err
		}
	}
	var last []byte
	return c.each(at+wire.RoomEnvironment, wire.Words, policy.MaxArguments, func(at int) error {
		if err := c.textLike(at, "KEY=value", policy.ValidAssignment[[]byte]); err != nil {
			return err
		}
		key, _, _ := bytes.Cut(v.text(at), []byte("="))
		if bytes.Equal(key, last) {
			return faultAt(at, "environment variable %.64q stands twice", key)
		}
		last = key
		return nil
	})
}

func (c *checker) limits(at int) error {
	v := c.v
	if adj := v.u32(at + wire.RoomOOMScoreAdj); adj > policy.MaxOOMScoreAdj {
		return faultAt(at+wire.RoomOOMScoreAdj, "oom_score_adj %d, want 0 to %d", int32(adj), policy.MaxOOMScoreAdj)
	}
	err := c.each(at+wire.RoomCgroup, wire.Settings, policy.MaxSettings, func(at int) error {
		if err := c.textLike(at+wire.SettingFile, "cgroup file", policy.ValidCgroupFile[[]byte]); err != nil {
			return err
		}
		return c.textLike(at+wire.SettingValue, "cgroup value", present)
	})
	if err != nil {
		return err
	}
	return c.each(at+wire.RoomRlimits, wire.Rlimits, abi.RlimitCount, func(at int) error {
		if r := v.u32(at + wire.RlimitResource); r >= abi.RlimitCount {
			return faultAt(at, "there is no resource limit %d", r)
		}
		if soft, hard := v.u64(at+wire.RlimitSoft), v.u64(at+wire.RlimitHard); soft > hard {
			return faultAt(at+wire.RlimitSoft, "soft limit %d above the hard one, %d", soft, hard)
		}
		return c.zero(at+wire.RlimitReserved, at+wire.RlimitSoft)
	})
}

func (c *checker) files(at int) error {
	if err := c.each(at+wire.RoomMounts, wire.Mounts, policy.MaxMounts, c.mount); err != nil {
		return err
	}
	if err := c.each(at+wire.RoomBinds, wire.Binds, policy.MaxBinds, c.bind); err != nil {
		return err
	}
	return c.each(at+wire.RoomFiles, wire.Files, policy.MaxFiles, func(at int) error {
		if err := c.textLike(at+wire.FileTarget, "mount point", policy.ValidMountPoint[[]byte]); err != nil {
			return err
		}
		_, err := c.text(at + wire.FileContent)
		return err
	})
}

func (c *checker) mount(at int) error {
	if err := c.textLike(at+wire.MountTarget, "mount point", policy.ValidMountPoint[[]byte]); err != nil {
		return err
	}
	if err := c.textLike(at+wire.MountType, "file system type", policy.ValidFileSystem[[]byte]); err != nil {
		return err
	}
	// No file system but the image may bring devices, set-id programs or any program.
	if err := c.attributes(at+wire.MountAttributes, abi.MountNoSUID|abi.MountNoDev|abi.MountNoExec); err != nil {
		return err
	}
	if err := c.textLike(at+wire.MountPartition, "partition name", absentOr(policy.ValidPartition[[]byte])); err != nil {
		return err
	}
	onPartition := string(c.v.text(at+wire.MountType)) == policy.FileSystemOnPartition
	if partition := c.v.text(at + wire.MountPartition); onPartition != (len(partition) > 0) {
		return faultAt(at+wire.MountPartition, "%s on partition %q", c.v.text(at+wire.MountType), partition)
	}
	if err := c.zero(at+wire.MountReserved, at+wire.MountSize); err != nil {
		return err
	}
	return c.each(at+wire.MountOptions, wire.Options, policy.MaxOptions, func(at int) error {
		if err := c.textLike(at+wire.OptionKey, "mount option", present); err != nil {
			return err
		}
		_, err := c.text(at + wire.OptionValue)
		return err
	})
}

func (c *checker) bind(at int) error {
	v := c.v
	if err := c.textLike(at+wire.BindTarget, "mount point", policy.ValidMountPoint[[]byte]); err != nil {
		return err
	}
	if err := c.textLike(at+wire.BindSource, "absolute path", policy.ValidPath[[]byte]); err != nil {
		return err
	}
	if err := c.attributes(at+wire.BindAttributes, abi.MountNoSUID|abi.MountNoExec); err != nil {
		return err
	}
	kind, major, minor := v.u32(at+wire.BindKind), v.u32(at+wire.BindMajor), v.u32(at+wire.BindMinor)
	gid := v.u32(at + wire.BindGID)
	switch {
	case kind != abi.KindDevice && kind != abi.KindSocket:
		return faultAt(at+wire.BindKind, "bind of file type 0o%o, want a character device or a socket", kind)
	case kind == abi.KindSocket && (major != 0 || minor != 0 || gid != 0):
		return faultAt(at+wire.BindMajor, "a socket with device number %d:%d and group %d", major, minor, gid)
	case kind == abi.KindDevice && major == 0 && minor != 0:
		return faultAt(at+wire.BindMinor, "a device of any number with minor number %d", minor)
	case gid != 0:
		return channel(at+wire.BindGID, gid)
	}
	return nil
}

// attributes wants at least the bits of need and none that it does not know.
func (c *checker) attributes(at int, need uint64) error {
	a := c.v.u64(at)
	if a&need != need || a&^abi.MountAttributes != 0 {
		return faultAt(at, "mount attributes 0x%x, want 0x%x and at most 0x%x", a, need, uint64(abi.MountAttributes))
	}
	return nil
}

// landlock wants every right that the ABI knows to be handled: a right that is
// not handled is not governed by any rule (landlock(7)).
func (c *checker) landlock(at int) error {
	v := c.v
	for _, f := range []struct {
		field int
		want  uint64
	}{
		{wire.RoomHandledFS, abi.LandlockFS},
		{wire.RoomHandledNet, abi.LandlockNet},
		{wire.RoomScoped, abi.LandlockScopes},
	} {
		if got := v.u64(at + f.field); got != f.want {
			return faultAt(at+f.field, "Landlock handles 0x%x, want 0x%x", got, f.want)
		}
	}
	err := c.each(at+wire.RoomPaths, wire.Paths, policy.MaxPaths, func(at int) error {
		if err := c.textLike(at+wire.PathPath, "absolute path", policy.ValidPath[[]byte]); err != nil {
			return err
		}
		return c.grant(at+wire.PathReserved, at+wire.PathAccess, abi.LandlockFS)
	})
	if err != nil {
		return err
	}
	return c.each(at+wire.RoomPorts, wire.Ports, policy.MaxPorts, func(at int) error {
		if port := v.u32(at + wire.PortPort); port < 1 || port > 65535 {
			return faultAt(at, "TCP port %d, want 1 to 65535", port)
		}
		return c.grant(at+wire.PortReserved, at+wire.PortAccess, abi.LandlockNet)
	})
}

// grant wants a rule to grant something, and nothing but what is handled.
func (c *checker) grant(reserved, at int, handled uint64) error {
	if a := c.v.u64(at); a == 0 || a&^handled != 0 {
		return faultAt(at, "Landlock rule grants 0x%x, want some of 0x%x", a, handled)
	}
	return c.zero(reserved, at)
}

// filter marks the filter whose number stands at offset at.
func (c *checker) filter(at int) error {
	i := c.v.u32(at)
	if uint64(i) >= uint64(c.v.count[wire.Filters]) {
		return faultAt(at, "there is no filter %d", i)
	}
	mark(c.filUsed[:], int(i))
	return nil
}
