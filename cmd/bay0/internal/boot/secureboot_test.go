package boot

import (
	"os"
	"testing"
)

func TestSecureBootIsOnOnlyIfItSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		variable []byte
		err      error
		want     bool
	}{
		"on":         {[]byte{1}, nil, true},
		"off":        {[]byte{0}, nil, false},
		"another":    {[]byte{2}, nil, false},
		"too short":  {[]byte{}, nil, false},
		"too long":   {[]byte{1, 1}, nil, false},
		"unreadable": {[]byte{1}, os.ErrPermission, false},
		"not there":  {nil, os.ErrNotExist, false},
	} {
		if got := isSecure(c.variable, c.err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
