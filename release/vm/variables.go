package vm

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// The firmware keeps its variables in a file as in flash: a header of the volume, one of the store, and
// variables one behind the other, each with its state (EDK II: MdePkg/Include/Pi/PiFirmwareVolume.h,
// MdeModulePkg/Include/Guid/VariableFormat.h, AUTHENTICATED_VARIABLE_HEADER). What was deleted stays until
// the firmware tidies up.
const (
	volumeLength   = 48 // where the volume's header says how long it is
	storeHeader    = 28
	storeSize      = 16
	variableHeader = 60
	variableStart  = 0x55aa
	stateAdded     = 0x3f
	stateLeaving   = 0x3e // being replaced, and valid until it is
	stateDeleted   = 0x3d
)

// storeGUID is gEfiAuthenticatedVariableGuid.
const storeGUID = "aaf32c78-947b-439a-a180-2e144ec37792"

// Variables are the firmware's variables of a machine, by the names that Linux has for them: name, hyphen,
// GUID of the vendor.
func Variables(path string) (map[string][]byte, error) {
	flash, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the firmware's variables: %w", err)
	}
	all := map[string][]byte{}
	_, err = eachVariable(flash, func(name string, variable []byte, value []byte) { all[name] = slices.Clone(value) })
	if err != nil {
		return nil, fmt.Errorf("cannot read the firmware's variables in %s: %w", path, err)
	}
	return all, nil
}

// SetVariables gives variables values that last, while the machine does not run. A variable whose value is
// nil is deleted. Names are ASCII.
func SetVariables(path string, values map[string][]byte) error {
	flash, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("cannot set the firmware's variables: %w", err)
	}
	free, err := eachVariable(flash, func(name string, variable []byte, _ []byte) {
		if _, replaced := values[name]; replaced {
			variable[2] = stateDeleted
		}
	})
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err == nil && values[name] != nil {
			free, err = appendVariable(free, name, values[name])
		}
	}
	if err != nil {
		return fmt.Errorf("cannot set the firmware's variables in %s: %w", path, err)
	}
	return os.WriteFile(path, flash, 0o600)
}

// eachVariable visits the variables of a flash, each with its header and its value, and returns what is
// free behind them.
func eachVariable(flash []byte, visit func(name string, variable, value []byte)) (free []byte, err error) {
	store, err := variableStore(flash)
	if err != nil {
		return nil, err
	}
	for len(store) >= variableHeader && binary.LittleEndian.Uint16(store) == variableStart {
		nameSize, size := uint64(binary.LittleEndian.Uint32(store[36:])), uint64(binary.LittleEndian.Uint32(store[40:]))
		end := variableHeader + nameSize + size
		if end > uint64(len(store)) {
			return nil, errors.New("a variable is longer than the store")
		}
		if state := store[2]; state == stateAdded || state == stateLeaving {
			name := string(bytes.ReplaceAll(store[variableHeader:variableHeader+nameSize], []byte{0}, nil))
			visit(name+"-"+guidText(store[44:variableHeader]), store[:end], store[variableHeader+nameSize:end])
		}
		store = store[min((end+3)&^3, uint64(len(store))):]
	}
	return store, nil
}

// variableStore is where the variables of a flash are.
func variableStore(flash []byte) ([]byte, error) {
	if len(flash) < 64 || string(flash[40:44]) != "_FVH" {
		return nil, errors.New("it is no firmware volume")
	}
	start := int(binary.LittleEndian.Uint16(flash[volumeLength:]))
	if len(flash) < start+storeHeader || !bytes.Equal(flash[start:start+16], guidBytes(storeGUID)) {
		return nil, errors.New("it holds no store of variables")
	}
	size := int64(binary.LittleEndian.Uint32(flash[start+storeSize:]))
	if size < storeHeader || size > int64(len(flash)-start) {
		return nil, errors.New("the store of variables is cut short")
	}
	return flash[start+storeHeader : start+int(size)], nil
}

func appendVariable(free []byte, full string, value []byte) (rest []byte, err error) {
	name, vendor, found := cutVendor(full)
	if !found {
		return nil, fmt.Errorf("%s is no name of a variable", full)
	}
	const attributes = 7 // NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS
	wide := utf16(name)
	v := binary.LittleEndian.AppendUint16(nil, variableStart)
	v = append(v, stateAdded, 0)
	v = binary.LittleEndian.AppendUint32(v, attributes)
	v = append(v, make([]byte, 28)...) // of authenticated variables only: count, time, key
	v = binary.LittleEndian.AppendUint32(v, uint32(len(wide)))
	v = binary.LittleEndian.AppendUint32(v, uint32(len(value)))
	v = slices.Concat(v, guidBytes(vendor), wide, value)
	for len(v)%4 != 0 {
		v = append(v, 0xff)
	}
	if len(v) > len(free) {
		return nil, errors.New("the store of variables is full")
	}
	return free[copy(free, v):], nil
}

// cutVendor cuts "name-GUID".
func cutVendor(full string) (name, vendor string, found bool) {
	if cut := len(full) - len(storeGUID) - 1; cut > 0 && full[cut] == '-' {
		return full[:cut], full[cut+1:], guidBytes(full[cut+1:]) != nil
	}
	return "", "", false
}

// guidBytes is a GUID in memory: its first three numbers are little-endian (UEFI specification, appendix A).
func guidBytes(text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != 16 {
		return nil
	}
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return b
}

func guidText(b []byte) string {
	b = slices.Clone(b)
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// utf16 is ASCII as the firmware has it, and the zero that ends it.
func utf16(s string) (b []byte) {
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return append(b, 0, 0)
}
