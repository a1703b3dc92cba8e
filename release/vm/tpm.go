package vm

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const swtpmProgram = "swtpm"

// tpm is a running swtpm, a TPM 2.0 whose state is in a directory. Whoever holds socket is its only
// client (swtpm's control channel, swtpm(8)); when the client goes, it ends.
type tpm struct {
	program   *exec.Cmd
	socket    *os.File
	complaint bytes.Buffer
}

// startTPM starts a TPM whose state is in dir, which is made if it is not there.
func startTPM(dir string) (*tpm, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot start the TPM: %w", err)
	}
	qemus, its, err := socketPair("TPM")
	if err != nil {
		return nil, err
	}
	defer its.Close()
	t := &tpm{socket: qemus, program: exec.Command(swtpmProgram, "socket", "--tpm2", "--ctrl", "type=unixio,clientfd=3", "--terminate")}
	t.program.Env = append(os.Environ(), "TPM_PATH="+dir) // of --tpmstate a comma in dir would be a part
	t.program.SysProcAttr = alone()
	t.program.ExtraFiles = []*os.File{its}
	t.program.Stdout, t.program.Stderr = &t.complaint, &t.complaint
	if err := t.program.Start(); err != nil {
		qemus.Close()
		return nil, fmt.Errorf("cannot start the TPM: %w", err)
	}
	return t, nil
}

// end waits until the TPM, whose client is gone, has ended; one that does not is killed. It returns what
// the TPM had to say, in one line: only after a failure is that worth reading.
func (t *tpm) end() string {
	t.socket.Close()
	kill := time.AfterFunc(5*time.Second, func() { _ = t.program.Process.Kill() })
	defer kill.Stop()
	_ = t.program.Wait()
	return strings.ReplaceAll(strings.TrimSpace(t.complaint.String()), "\n", "; ")
}
