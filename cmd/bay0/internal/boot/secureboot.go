package boot

import (
	"fmt"
	"os"
)

// secureBootVariable is 1 while the firmware enforces signatures (UEFI
// specification, 3.3); four bytes of attributes stand before the value (kernel:
// Documentation/filesystems/efivarfs.rst).
const secureBootVariable = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

// checkSecureBoot tells the state of Secure Boot, and refuses a machine without
// it where the policy wants it. What cannot be read counts as off.
func (m *Machine) checkSecureBoot() error {
	m.SecureBoot = isSecure(os.ReadFile(secureBootVariable))
	if m.Policy.SecureBoot() && !m.SecureBoot {
		return fmt.Errorf("cannot run without Secure Boot: the policy requires it")
	}
	return nil
}

func isSecure(variable []byte, err error) bool {
	return err == nil && len(variable) == 5 && variable[4] == 1
}
