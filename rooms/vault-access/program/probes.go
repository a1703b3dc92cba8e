package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
	"golang.org/x/sys/unix"

	"github.com/anchor-os/anchor/program/pid1"
	"github.com/anchor-os/anchor/program/probe"
)

// probes use what the room has one after the other: what one makes, the next ones need.
type probes struct {
	tpm     transport.TPM
	secrets net.Listener
	vault   *vault
	secret  []byte
	sealed  sealed
}

var errWrongPassword = errors.New("TPM_RC_BAD_AUTH")

func (p *probes) list() []probe.Probe {
	return []probe.Probe{
		probe.Grant("socket secrets", "take it, listening, from its descriptor", p.listen),
		probe.Grant("device tpm", "make the storage root", p.open),
		probe.Grant("device tpm", "derive a secret", p.derive),
		probe.Grant("device tpm", "seal and unseal", p.sealAndUnseal),

		probe.Deny("device tpm", "unseal with another password", p.unsealWrongly, errWrongPassword),
		// Landlock: a class of devices is for reading and writing.
		probe.Deny("device tpm", "an ioctl of the device's own", deviceControl, unix.EACCES),
		probe.Deny("devices", "open /dev/hwrng", probe.Open("/dev/hwrng", unix.O_RDONLY), unix.ENOENT),
		probe.Deny("sockets", "a socket of another room in /run/sockets", probe.Open("/run/sockets", unix.O_RDONLY), unix.ENOENT),
	}
}

func (p *probes) listen() (err error) {
	p.secrets, err = pid1.Listener("secrets")
	return err
}

func (p *probes) open() (err error) {
	p.vault, err = openVault(p.tpm)
	return err
}

const label = "anchor: the secret for work"

func (p *probes) derive() (err error) {
	if p.vault == nil {
		return errors.New("there is no storage root")
	}
	p.secret, err = p.vault.derive(label)
	return err
}

var password = []byte(rand.Text())

func (p *probes) sealAndUnseal() (err error) {
	if p.vault == nil {
		return errors.New("there is no storage root")
	}
	if p.sealed, err = p.vault.seal(p.secret, password); err != nil {
		return err
	}
	opened, err := p.vault.unseal(p.sealed, password)
	if err == nil && !bytes.Equal(opened, p.secret) {
		err = errors.New("something else came out")
	}
	return err
}

func (p *probes) unsealWrongly() error {
	if p.vault == nil {
		return errors.New("there is no storage root")
	}
	_, err := p.vault.unseal(p.sealed, []byte("guess"))
	if errors.Is(err, tpm2.TPMRCBadAuth) {
		return errWrongPassword
	}
	return err
}

// deviceControl asks for nothing that exists: were it let through, the answer would be ENOTTY.
func deviceControl() error {
	fd, err := unix.Open("/dev/tpmrm0", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return probe.Call(unix.SYS_IOCTL, uintptr(fd), 0x5400)()
}
