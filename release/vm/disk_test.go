package vm

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const small = SmallestPartition

func TestMakeDisk(t *testing.T) {
	partitions := []Partition{{"work-notes", small, 10002}, {"media", 3 * small, 10003}}
	make := func() string {
		path := filepath.Join(t.TempDir(), "data.img")
		if err := MakeDisk(t.Context(), path, partitions); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := make()
	labels, err := DiskLabels(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"media", "work-notes"}, labels); diff != "" {
		t.Error(diff)
	}
	t.Setenv("MKE2FS_CONFIG", "/nowhere")
	t.Setenv("TZ", "Pacific/Auckland")
	a, b := readDisk(t, one), readDisk(t, make())
	if !bytes.Equal(a, b) {
		t.Error("two disks of the same partitions differ")
	}
	if len(a) != 2*alignment+4*small {
		t.Errorf("it has %d bytes", len(a))
	}
}

func readDisk(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMakeDiskRefuses(t *testing.T) {
	tests := []struct {
		name       string
		partitions []Partition
		want       string
	}{
		{"no partitions", nil, "cannot make the data disk data.img: it has no partitions"},
		{"a name that no partition can have", []Partition{{"a,type=swap", small, 1}}, `cannot make the data disk data.img: no partition can have the name "a,type=swap"`},
		{"a name twice", []Partition{{"a", small, 1}, {"a", small, 2}}, "cannot make the data disk data.img: two partitions have the name a"},
		{"no size", []Partition{{Label: "a"}}, "cannot make the data disk data.img: partition a has 0 bytes, want a multiple of 1048576 from 8388608 on"},
		{"a size that is not aligned", []Partition{{"a", small + 512, 1}}, "cannot make the data disk data.img: partition a has 8389120 bytes, want a multiple of 1048576 from 8388608 on"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if diff := cmp.Diff(test.want, failure(MakeDisk(t.Context(), "data.img", test.partitions))); diff != "" {
				t.Error(diff)
			}
			if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func failure(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What rooms have kept stays.
func TestMakeDiskReplacesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("data.img", []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := MakeDisk(t.Context(), "data.img", []Partition{{"a", small, 1}})
	if got := failure(err); !strings.HasSuffix(got, "data.img: file exists") {
		t.Errorf("error %q", got)
	}
	if got := readDisk(t, "data.img"); string(got) != "kept" {
		t.Errorf("it holds %q", got)
	}
}

func TestDiskLabelsOfWhatIsNoDisk(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("data.img", make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := DiskLabels(t.Context(), "data.img")
	const want = "cannot read the data disk data.img: sfdisk: exit status 1: sfdisk: data.img: does not contain a recognized partition table"
	if diff := cmp.Diff(want, failure(err)); diff != "" {
		t.Error(diff)
	}
}
