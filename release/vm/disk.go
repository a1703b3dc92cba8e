package vm

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy"
)

// Partition is a partition of a data disk, with an empty ext4 in it.
type Partition struct {
	Label string // its GPT name (PARTLABEL), by which Bay0 finds it
	Size  int64  // bytes: a multiple of 1 MiB, at least SmallestPartition
	Owner uint32 // uid and gid of the file system's top directory
}

// SmallestPartition has room for ext4's journal.
const SmallestPartition = 8 << 20

// alignment is where partitions start; the table in front of them and its copy behind them take less.
const alignment = 1 << 20

// MakeDisk makes a raw disk for machines to try things with: a GPT, and on it the partitions in order. The
// same partitions give the same bytes, identifiers included; what is free of them takes no space. A file
// that is there already is never replaced: it holds what rooms have kept.
func MakeDisk(ctx context.Context, path string, partitions []Partition) error {
	if err := checkPartitions(partitions); err != nil {
		return fmt.Errorf("cannot make the data disk %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".disk-*")
	if err != nil {
		return fmt.Errorf("cannot make the data disk: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	size := int64(2 * alignment)
	for _, p := range partitions {
		size += p.Size
	}
	if err := f.Truncate(size); err != nil {
		return fmt.Errorf("cannot make the data disk: %w", err)
	}
	if err := fillDisk(ctx, f.Name(), partitions); err != nil {
		return fmt.Errorf("cannot make the data disk %s: %w", path, err)
	}
	if err := os.Link(f.Name(), path); err != nil { // unlike a rename it replaces nothing
		return fmt.Errorf("cannot make the data disk: %w", err)
	}
	return nil
}

func checkPartitions(partitions []Partition) error {
	seen := map[string]bool{}
	for _, p := range partitions {
		switch {
		case !policy.ValidPartition(p.Label):
			return fmt.Errorf("no partition can have the name %q", p.Label)
		case seen[p.Label]:
			return fmt.Errorf("two partitions have the name %s", p.Label)
		case p.Size < SmallestPartition || p.Size%alignment != 0:
			return fmt.Errorf("partition %s has %d bytes, want a multiple of %d from %d on", p.Label, p.Size, alignment, SmallestPartition)
		}
		seen[p.Label] = true
	}
	if len(partitions) == 0 {
		return fmt.Errorf("it has no partitions")
	}
	return nil
}

func fillDisk(ctx context.Context, disk string, partitions []Partition) error {
	const sector = 512
	table := fmt.Sprintf("label: gpt\nlabel-id: %s\n", uuid("disk"))
	start := int64(alignment)
	for _, p := range partitions {
		table += fmt.Sprintf("start=%d, size=%d, type=linux, name=%s, uuid=%s\n", start/sector, p.Size/sector, p.Label, uuid(p.Label))
		start += p.Size
	}
	if _, err := runTool(ctx, table, "sfdisk", "--quiet", disk); err != nil {
		return err
	}
	start = alignment
	for _, p := range partitions {
		if err := makeFileSystem(ctx, disk, start, p); err != nil {
			return err
		}
		start += p.Size
	}
	return nil
}

// makeFileSystem writes everything now that the kernel could else put off, so that a machine's first boot
// is like its second, and takes no default from the host's configuration (mke2fs.conf(5)).
func makeFileSystem(ctx context.Context, disk string, start int64, p Partition) error {
	const features = "none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum"
	extended := fmt.Sprintf("offset=%d,root_owner=%d:%d,hash_seed=%s,lazy_itable_init=0,lazy_journal_init=0,nodiscard",
		start, p.Owner, p.Owner, uuid("hash of "+p.Label))
	_, err := runTool(ctx, "", "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256", "-m", "0", "-O", features,
		"-U", uuid("files of "+p.Label), "-E", extended, disk, fmt.Sprintf("%dk", p.Size/1024))
	return err
}

// uuid is an identifier made of a name, of version 8 (RFC 9562, 5.8).
func uuid(name string) string {
	b := sha256.Sum256([]byte("anchor data disk: " + name))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// DiskLabels are the GPT names of a disk's partitions, sorted.
func DiskLabels(ctx context.Context, path string) ([]string, error) {
	said, err := runTool(ctx, "", "sfdisk", "--json", path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the data disk %s: %w", path, err)
	}
	var disk struct {
		PartitionTable struct{ Partitions []struct{ Name string } }
	}
	if err := json.Unmarshal(said, &disk); err != nil {
		return nil, fmt.Errorf("cannot read the data disk %s: %w", path, err)
	}
	var labels []string
	for _, p := range disk.PartitionTable.Partitions {
		labels = append(labels, p.Name)
	}
	slices.Sort(labels)
	return labels, nil
}

// runTool runs one of the tools that Debian keeps where an ordinary user's PATH does not lead.
func runTool(ctx context.Context, stdin, name string, arguments ...string) (stdout []byte, err error) {
	program, err := exec.LookPath(name)
	if err != nil {
		program = "/usr/sbin/" + name
	}
	tool := exec.CommandContext(ctx, program, arguments...)
	tool.Stdin = strings.NewReader(stdin)
	tool.Env = append(os.Environ(), "LC_ALL=C", "MKE2FS_CONFIG=/dev/null", "E2FSPROGS_FAKE_TIME=1")
	var complaint strings.Builder
	tool.Stderr = &complaint
	if stdout, err = tool.Output(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
	}
	return stdout, nil
}
