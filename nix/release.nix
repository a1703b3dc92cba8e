# What is made of the parts: the compiled policies, the initrd, and the image that boots.
{
  go,
  kernel,
  pkgs,
  rooms,
  sources,
  target,
}:
let
  inherit (go) passportc;
  make = name: pkgs.runCommand name { nativeBuildInputs = [ passportc ]; };

  # What a release is made of beside this repository, for `passportc gate lock --bom`.
  bill = pkgs.writeText "bom.json" (
    builtins.toJSON {
      kernel = kernel.version;
      stub = target.systemd.version;
      go = pkgs.go_1_26.version;
      squashfs-tools = pkgs.squashfs-tools.version;
    }
  );
in
rec {
  passports = make "passports" ''
    mkdir $out
    cd ${sources.passports}
    passportc compile --arch aarch64 --images ${rooms} -o $out/passports.bin rooms
  '';

  initrd = make "initrd" ''
    mkdir $out
    passportc initrd --bay0 ${go.bay0}/bin/bay0 --images ${rooms} \
      --passports ${passports}/passports.bin -o $out/initrd
  '';

  uki = make "uki" ''
    mkdir $out
    passportc uki build --stub ${target.systemd}/lib/systemd/boot/efi/linuxaa64.efi.stub \
      --linux ${kernel}/Image --initrd ${initrd}/initrd --passports ${passports}/passports.bin \
      --os-release ${../rooms/os-release} -o $out/anchor.efi
    cp ${bill} $out/bom.json
  '';
}
