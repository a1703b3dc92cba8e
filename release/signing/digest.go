// Package signing computes what a signature of an image signs. Nothing here
// signs, or has a private key.
//
// The digest is computed twice: by our own reading, which accepts only files that
// all readers must understand alike, and by go-uefi's. Two digests would mean
// that the signer, the firmware or an auditor sees another file than we do.
package signing

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"fmt"

	"github.com/foxboron/go-uefi/authenticode"

	"github.com/anchor-os/anchor/release/pe"
)

// Digest is the Authenticode SHA-256 digest of an image, signed or not: the same
// before and after signing. An image that breaks the law of package pe has none;
// the error then is a *pe.LawError. It takes time in proportion to the image.
//
// Source: Microsoft, "Windows Authenticode Portable Executable Signature Format",
// "Calculating the PE Image Hash".
func Digest(image []byte) ([sha256.Size]byte, error) {
	own, err := ownDigest(image)
	if err != nil {
		return own, err
	}
	second, err := secondDigest(image)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return agreed(own, second)
}

// ownDigest hashes the file in its order but for what a signature leaves out. By
// the law of package pe the sections stand in that order, so that hashing them
// sorted by offset, as the specification says, is the same.
func ownDigest(image []byte) ([sha256.Size]byte, error) {
	var digest [sha256.Size]byte
	f, err := pe.Read(image)
	if err != nil {
		return digest, err
	}
	covered, err := f.Covered()
	if err != nil {
		return digest, err
	}
	h := sha256.New()
	for _, b := range covered {
		h.Write(b)
	}
	h.Sum(digest[:0])
	return digest, nil
}

// secondDigest is go-uefi's. Its Parse panics on a certificate table of a wrong
// size, and its Hash is nil, without an error, where SizeOfHeaders is zero: it is
// given only what the law allows.
func secondDigest(image []byte) ([]byte, error) {
	f, err := authenticode.Parse(bytes.NewReader(image))
	if err != nil {
		return nil, fmt.Errorf("cannot read the image by go-uefi: %w", err)
	}
	return f.Hash(crypto.SHA256), nil
}

// agreed is the digest that both readings have. An empty second one is none.
func agreed(own [sha256.Size]byte, second []byte) ([sha256.Size]byte, error) {
	if !bytes.Equal(own[:], second) {
		return [sha256.Size]byte{}, fmt.Errorf("cannot tell the image's digest: it is %x as we read it and %x as go-uefi does", own, second)
	}
	return own, nil
}
