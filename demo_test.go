package anchor

import (
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a newcomer's `make demo` shows of a boot: a row for each folder in rooms/ that has a passport, all
// of them ready. The second boot finds the disk and the TPM of the first.
func TestDemoShowsEveryRoomReady(t *testing.T) {
	dir := buildCheckout(t, "demo", "022")
	passports, err := filepath.Glob("rooms/*/passport.toml")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, passport := range passports {
		want = append(want, filepath.Base(filepath.Dir(passport)))
	}
	slices.Sort(want)
	row := regexp.MustCompile(`(?m)^([a-z0-9-]+) +ready .*\d s$`)
	for range 2 {
		run(t, dir, nil, "sh", "-c", "make boot >boot.log 2>&1 || { cat boot.log; exit 1; }")
		log := string(readFile(t, filepath.Join(dir, "boot.log")))
		var got []string
		for _, m := range row.FindAllStringSubmatch(log, -1) {
			got = append(got, m[1])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", diff, log)
		}
	}
}
