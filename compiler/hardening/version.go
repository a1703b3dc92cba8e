package hardening

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// Version is a kernel's: 6.12.107. Whatever distributions append is not part of it.
type Version [3]int

var versionForm = regexp.MustCompile(`^([1-9][0-9]{0,2})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?$`)

// ParseVersion reads "6.12" and "6.12.107".
func ParseVersion(s string) (Version, error) {
	m := versionForm.FindStringSubmatch(s)
	if m == nil {
		return Version{}, fmt.Errorf("%q is no version of a kernel", s)
	}
	var v Version
	for i, part := range m[1:] {
		v[i], _ = strconv.Atoi(part) // digits, or nothing
	}
	return v, nil
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v Version) compare(o Version) int { return slices.Compare(v[:], o[:]) }
