package boot

import (
	"fmt"

	"github.com/anchor-os/anchor/cmd/bay0/internal/efivar"
)

// checkSecureBoot tells the state of Secure Boot (UEFI specification, 3.3), and
// refuses a machine without it where the policy wants it. What cannot be read
// counts as off.
func (m *Machine) checkSecureBoot(vars *efivar.Dir) error {
	m.SecureBoot = isSecure(vars.Read("SecureBoot" + efivar.Global))
	if m.Policy.SecureBoot() && !m.SecureBoot {
		return fmt.Errorf("cannot run without Secure Boot: the policy requires it")
	}
	return nil
}

func isSecure(value []byte, err error) bool {
	return err == nil && len(value) == 1 && value[0] == 1
}
