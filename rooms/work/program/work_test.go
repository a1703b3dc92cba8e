package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStartsAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boots")
	for want := 1; want <= 12; want++ {
		got, err := countStart(path)
		if err != nil || got != want {
			t.Errorf("start %d is counted as %d, %v", want, got, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestStartsSurviveAPowerCut(t *testing.T) {
	for name, left := range map[string]string{
		"before a digit of the third": "1\n2\n",
		"within the third":            "1\n2\n3",
		"with a file full of zeros":   "1\n2\n\x00\x00\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "boots")
			if err := os.WriteFile(path, []byte(left), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := countStart(path); got != 3 || err != nil {
				t.Errorf("counted %d, %v", got, err)
			}
			if text, _ := os.ReadFile(path); string(text) != "1\n2\n3\n" {
				t.Errorf("the file is %q", text)
			}
		})
	}
}

func TestStartsOfSomebodyElseAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boots")
	if err := os.WriteFile(path, []byte("1\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := countStart(path)
	if err == nil || !strings.HasSuffix(err.Error(), `/boots is "3\n"`) || !strings.HasPrefix(err.Error(), "line 2 of ") {
		t.Errorf("error %v", err)
	}
}

func TestReceive(t *testing.T) {
	good := strings.Repeat("0123456789abcdef", 4)
	for name, c := range map[string]struct{ said, want string }{
		"one line":             {good + "\n", ""},
		"nothing":              {"", "cannot read a line: EOF"},
		"a line without end":   {good, "cannot read a line: EOF"},
		"a line that is none":  {strings.Repeat("a", 200) + "\n", "cannot read a line: EOF"},
		"something else":       {"hello\n", "5 bytes are no secret"},
		"capitals":             {strings.ToUpper(good) + "\n", "64 bytes are no secret"},
		"two lines: the first": {good + "\nhello\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secrets")
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				if connection, err := listener.Accept(); err == nil {
					io.WriteString(connection, c.said)
					connection.Close()
				}
			}()
			got, err := receive(path)
			said := ""
			if err != nil {
				said = err.Error()
			}
			if diff := cmp.Diff(c.want, said); diff != "" || err == nil && got != good {
				t.Errorf("%q\n%s", got, diff)
			}
		})
	}
}
