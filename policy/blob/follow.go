package blob

import "github.com/anchor-os/anchor/policy/blob/internal/wire"

// This file follows every field that refers to another table. What a value means is
// not asked here (package judge), but for what Bay0 never does (floor.go).

// records follows the header's fields and those of every record, table by table.
// A list's records are claimed in the order in which the lists stand, so that
// nothing belongs to two of them.
func (c *checker) records() error {
	if err := c.follow(0, wire.Header); err != nil {
		return err
	}
	for t, fields := range wire.Fields {
		for i := range c.v.count[t] {
			if err := c.follow(c.v.at(t, i), fields); err != nil {
				return err
			}
		}
	}
	for _, t := range wire.Ascending {
		if err := c.ascend(t, c.v.start[t], c.v.count[t]); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) follow(at int, fields []wire.Field) error {
	for _, f := range fields {
		if err := c.field(at+f.Offset, f); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) field(at int, f wire.Field) error {
	value, count := c.v.u32(at), c.v.count[f.Table]
	switch {
	case f.Kind == wire.Zero && value != 0:
		return faultAt(at, "reserved field is not zero")
	case f.Kind == wire.Short && value > 65535:
		return faultAt(at, "%d, want at most 65535", value)
	case f.Kind == wire.Zero || f.Kind == wire.Short:
		return nil
	case f.Kind == wire.List || f.Kind == wire.Sorted:
		return c.list(at, f)
	case uint64(value) >= uint64(count):
		return faultAt(at, "there is no record %d of %s", value, wire.TableNames[f.Table])
	case c.used[f.Table] != nil:
		c.used[f.Table][value] = true
	}
	return nil
}

// list claims the next records of its table.
func (c *checker) list(at int, f wire.Field) error {
	first, n, name := uint64(c.v.u32(at)), uint64(c.v.u32(at+4)), wire.TableNames[f.Table]
	if first != uint64(c.next[f.Table]) {
		return faultAt(at, "list of %s starts at record %d, want %d", name, first, c.next[f.Table])
	}
	if left := uint64(c.v.count[f.Table]) - first; n > left {
		return faultAt(at+4, "list of %s has %d records more than the table", name, n-left)
	}
	c.next[f.Table] += int(n)
	if f.Kind == wire.List {
		return nil
	}
	return c.ascend(f.Table, c.v.at(f.Table, int(first)), int(n))
}

// ascend wants the first field of n records, a string or number, to ascend
// strictly: strings are sorted, so their numbers order as they do.
func (c *checker) ascend(table, at, n int) error {
	for i := 1; i < n; i++ {
		record := at + i*wire.RecordSize[table]
		if c.v.u32(record) <= c.v.u32(record-wire.RecordSize[table]) {
			return faultAt(record, "%s do not ascend", wire.TableNames[table])
		}
	}
	return nil
}
