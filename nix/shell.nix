# What people work with: nix develop.
{ passportc, pkgs }:
pkgs.mkShell {
  packages = [
    passportc
    # Go
    pkgs.go_1_26
    pkgs.gopls
    pkgs.govulncheck
    # signing, slots, disks, TPM
    pkgs.cryptsetup
    pkgs.efibootmgr
    pkgs.sbsigntool
    pkgs.tpm2-tools
    # the emulated machine
    pkgs.dosfstools
    pkgs.mtools
    pkgs.qemu
    pkgs.swtpm
    # images, schemas, formats, counts
    pkgs.cue
    pkgs.jq
    pkgs.nixfmt
    pkgs.squashfs-tools
    pkgs.tokei
  ];
}
