package vm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
)

// Parts are the files that a build and a boot need and that are not ours, or take long to make.
type Parts struct {
	Stub           string `part:"linuxaa64.efi.stub"`     // systemd's EFI stub for AArch64, unsigned
	Kernel         string `part:"Image"`                  // the hardened kernel
	KernelConfig   string `part:"config"`                 // what it was configured to
	KernelRelease  string `part:"release"`                // one line: what uname -r says
	Firmware       string `part:"AAVMF_CODE.fd"`          // UEFI without Secure Boot
	Vars           string `part:"AAVMF_VARS.fd"`          // its variables, none set
	SecureFirmware string `part:"AAVMF_CODE.secboot.fd"`  // UEFI with Secure Boot
	ForeignVars    string `part:"AAVMF_VARS.ms.fd"`       // variables for it, with keys that are not ours enrolled
	KnownVars      string `part:"AAVMF_VARS.snakeoil.fd"` // variables for it, with a key enrolled that everybody has
	KnownKey       string `part:"PkKek-1-snakeoil.key"`   // that key, under the passphrase KnownPassphrase
	KnownCert      string `part:"PkKek-1-snakeoil.pem"`   // its certificate
}

// KnownPassphrase is of Parts.KnownKey (Debian: qemu-efi-aarch64, README.Debian).
const KnownPassphrase = "snakeoil"

// PartsVariable is the environment variable that names another directory than out/parts.
const PartsVariable = "ANCHOR_PARTS"

// FindParts finds the parts in $ANCHOR_PARTS, or else in out/parts of the repository around the working
// directory. It fails unless all are there, and the error says what makes them.
func FindParts() (Parts, error) {
	dir := os.Getenv(PartsVariable)
	if dir == "" {
		root, err := repository()
		if err != nil {
			return Parts{}, err
		}
		dir = filepath.Join(root, "out", "parts")
	}
	var parts Parts
	fields := reflect.ValueOf(&parts).Elem()
	for i := range fields.NumField() {
		path := filepath.Join(dir, fields.Type().Field(i).Tag.Get("part"))
		if _, err := os.Stat(path); err != nil {
			return Parts{}, fmt.Errorf("cannot find a part of the machine: %w (make parts makes it)", err)
		}
		fields.Field(i).SetString(path)
	}
	return parts, nil
}

// repository is the nearest directory, from the working directory upwards, that holds a go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("cannot find the repository: no go.mod here or above")
		}
		dir = parent
	}
}
