# The image of the room "reader": the files of Debian packages that ./packages names, with the same digests,
# and our script.
{
  fetchurl,
  image,
  keep,
  ...
}:
image [
  # Commands in one program, its shell among them.
  (keep (fetchurl {
    url = "mirror://debian/pool/main/b/busybox/busybox_1.35.0-4+deb12u1+b1_arm64.deb";
    sha256 = "a745b681c0c52e4e0f028e0dab7b85078de1199c1d86c7b4c12502061c24f297";
  }) [ "bin/busybox" ])

  # The client of AF_UNIX sockets.
  (keep (fetchurl {
    url = "mirror://debian/pool/main/n/netcat-openbsd/netcat-openbsd_1.219-1_arm64.deb";
    sha256 = "9b63cd7dccf658eaac3d527677e04d663167f0db8a2fba7a579654b8cdffffdd";
  }) [ "bin/nc.openbsd" ])

  # What both are linked with: the loader and the C library, …
  (keep
    (fetchurl {
      url = "mirror://debian/pool/main/g/glibc/libc6_2.36-9+deb12u14_arm64.deb";
      sha256 = "01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4";
    })
    [
      "lib/ld-linux-aarch64.so.1"
      "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"
      "lib/aarch64-linux-gnu/libc.so.6"
      "lib/aarch64-linux-gnu/libresolv.so.2"
    ]
  )

  # … and what netcat alone is linked with.
  (keep (fetchurl {
    url = "mirror://debian/pool/main/libb/libbsd/libbsd0_0.11.7-2_arm64.deb";
    sha256 = "ef00f132ddd268ee67d756998723ee18543db27ab34930c0a9f1cff75cf55382";
  }) [ "usr/lib/aarch64-linux-gnu/libbsd.so.0*" ])
  (keep (fetchurl {
    url = "mirror://debian/pool/main/libm/libmd/libmd0_1.0.4-2_arm64.deb";
    sha256 = "99a8c7dd591fae9fb37d8bf8dfdffa850e207fa405b3198c5b24711a5f972381";
  }) [ "usr/lib/aarch64-linux-gnu/libmd.so.0*" ])

  ./root
]
