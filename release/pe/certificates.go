package pe

// Fields of WIN_CERTIFICATE (UEFI 2.10, section 32.2.4) and the one kind that
// firmware takes for an image's Authenticode signature.
const (
	certificateHeader   = 8
	certificateRevision = 0x0200 // WIN_CERT_REVISION_2_0
	certificatePKCS7    = 0x0002 // WIN_CERT_TYPE_PKCS_SIGNED_DATA
	certificatePadding  = 8
)

// certificates walks the table, which ends the file. What the signatures say is
// not looked at.
func certificates(f *File) error {
	at, end := f.Certificates.Offset, f.Certificates.End()
	for at < end {
		if end-at < certificateHeader {
			return broken("certificate", at, "%d bytes, want a header of %d", end-at, certificateHeader)
		}
		size := f.u32(at)
		padded := roundUp(size, certificatePadding)
		switch revision, kind := f.u16(at+4), f.u16(at+6); {
		case size <= certificateHeader || padded > end-at:
			return broken("certificate", at, "%d bytes, the table has %d left", size, end-at)
		case revision != certificateRevision || kind != certificatePKCS7:
			return broken("certificate", at+4, "revision %#x of type %#x, want %#x of %#x (PKCS#7)", revision, kind, certificateRevision, certificatePKCS7)
		}
		if err := f.zero("certificate padding", Range{at + size, padded - size}); err != nil {
			return err
		}
		at += padded
	}
	return nil
}
