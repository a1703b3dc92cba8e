package main

import (
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// A vault seals and derives with a TPM. Its root is the storage key that the TPM makes anew from the seed
// of its owner hierarchy, the same each time until the hierarchy is cleared: so nothing has to be kept on
// a disk (TCG TPM v2.0 Provisioning Guidance, 7.5.1).
type vault struct {
	tpm    transport.TPM
	root   tpm2.NamedHandle
	public tpm2.TPMTPublic // of root
}

func openVault(tpm transport.TPM) (*vault, error) {
	root, err := tpm2.CreatePrimary{
		PrimaryHandle: tpm2.TPMRHOwner,
		InPublic:      tpm2.New2B(tpm2.ECCSRKTemplate),
	}.Execute(tpm)
	if err != nil {
		return nil, fmt.Errorf("cannot make the storage root: %w", err)
	}
	v := &vault{tpm: tpm, root: tpm2.NamedHandle{Handle: root.ObjectHandle, Name: root.Name}}
	public, err := root.OutPublic.Contents()
	if err != nil {
		return nil, fmt.Errorf("cannot read the storage root: %w", err)
	}
	v.public = *public
	return v, nil
}

// session authorises one command. Whoever listens on the wire to the TPM learns neither the password nor
// the first parameter of the command or of its answer, for which direction says that it is secret.
func (v *vault) session(password []byte, secret tpm2.AuthOption) tpm2.Session {
	return tpm2.HMAC(tpm2.TPMAlgSHA256, 16, tpm2.Auth(password), tpm2.Salted(v.root.Handle, v.public), secret)
}

// Which way a secret goes, from the room's side.
var (
	secretToTPM   = tpm2.AESEncryption(128, tpm2.EncryptIn)
	secretFromTPM = tpm2.AESEncryption(128, tpm2.EncryptOut)
)

// derive gives 32 bytes for a label: the same on this machine at any time, others on any other machine.
func (v *vault) derive(label string) ([]byte, error) {
	key, err := tpm2.CreatePrimary{
		PrimaryHandle: tpm2.TPMRHOwner,
		InPublic:      tpm2.New2B(hmacKey),
	}.Execute(v.tpm)
	if err != nil {
		return nil, fmt.Errorf("cannot make the key to derive with: %w", err)
	}
	defer v.flush(key.ObjectHandle)
	mac, err := tpm2.Hmac{
		Handle:  tpm2.AuthHandle{Handle: key.ObjectHandle, Name: key.Name, Auth: v.session(nil, secretFromTPM)},
		Buffer:  tpm2.TPM2BMaxBuffer{Buffer: []byte(label)},
		HashAlg: tpm2.TPMAlgSHA256,
	}.Execute(v.tpm)
	if err != nil {
		return nil, fmt.Errorf("cannot derive: %w", err)
	}
	return mac.OutHMAC.Buffer, nil
}

// sealed is what only the TPM that sealed it can open.
type sealed struct {
	private tpm2.TPM2BPrivate
	public  tpm2.TPM2BPublic
}

func (v *vault) seal(data, password []byte) (sealed, error) {
	made, err := tpm2.Create{
		ParentHandle: tpm2.AuthHandle{Handle: v.root.Handle, Name: v.root.Name, Auth: v.session(nil, secretToTPM)},
		InSensitive: tpm2.TPM2BSensitiveCreate{Sensitive: &tpm2.TPMSSensitiveCreate{
			UserAuth: tpm2.TPM2BAuth{Buffer: password},
			Data:     tpm2.NewTPMUSensitiveCreate(&tpm2.TPM2BSensitiveData{Buffer: data}),
		}},
		InPublic: tpm2.New2B(sealedData),
	}.Execute(v.tpm)
	if err != nil {
		return sealed{}, fmt.Errorf("cannot seal: %w", err)
	}
	return sealed{made.OutPrivate, made.OutPublic}, nil
}

func (v *vault) unseal(s sealed, password []byte) ([]byte, error) {
	loaded, err := tpm2.Load{
		ParentHandle: tpm2.AuthHandle{Handle: v.root.Handle, Name: v.root.Name, Auth: tpm2.PasswordAuth(nil)},
		InPrivate:    s.private,
		InPublic:     s.public,
	}.Execute(v.tpm)
	if err != nil {
		return nil, fmt.Errorf("cannot load what was sealed: %w", err)
	}
	defer v.flush(loaded.ObjectHandle)
	opened, err := tpm2.Unseal{
		ItemHandle: tpm2.AuthHandle{Handle: loaded.ObjectHandle, Name: loaded.Name, Auth: v.session(password, secretFromTPM)},
	}.Execute(v.tpm)
	if err != nil {
		return nil, fmt.Errorf("cannot unseal: %w", err)
	}
	return opened.OutData.Buffer, nil
}

// flush makes room in the TPM. What it cannot flush, the kernel does when the device is closed.
func (v *vault) flush(handle tpm2.TPMHandle) {
	tpm2.FlushContext{FlushHandle: handle}.Execute(v.tpm)
}

// NoDA keeps a wrong password from locking the whole TPM. None of them leaves this TPM or its parent.
var (
	own    = tpm2.TPMAObject{FixedTPM: true, FixedParent: true, UserWithAuth: true, NoDA: true}
	ownKey = tpm2.TPMAObject{FixedTPM: true, FixedParent: true, UserWithAuth: true, NoDA: true,
		SensitiveDataOrigin: true, SignEncrypt: true}

	sealedData = tpm2.TPMTPublic{Type: tpm2.TPMAlgKeyedHash, NameAlg: tpm2.TPMAlgSHA256, ObjectAttributes: own}
	hmacKey    = tpm2.TPMTPublic{
		Type: tpm2.TPMAlgKeyedHash, NameAlg: tpm2.TPMAlgSHA256, ObjectAttributes: ownKey,
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgKeyedHash, &tpm2.TPMSKeyedHashParms{
			Scheme: tpm2.TPMTKeyedHashScheme{
				Scheme:  tpm2.TPMAlgHMAC,
				Details: tpm2.NewTPMUSchemeKeyedHash(tpm2.TPMAlgHMAC, &tpm2.TPMSSchemeHMAC{HashAlg: tpm2.TPMAlgSHA256}),
			},
		}),
	}
)
