# The kernel: nixpkgs' source of Linux 6.12, our patches in the order of their names, config-hardened.
{
  lib,
  passportc,
  target,
}:
let
  inherit (target.linuxKernel.kernels.linux_6_12) src version;
  patches = lib.filter (lib.hasSuffix ".patch") (
    builtins.attrNames (builtins.readDir ../kernel/patches)
  );
  # The day on which waivers are judged here: the kernel is not built again because time goes by. Today's
  # verdict is that of the check.
  judged = "2026-11-22";
in
(target.linuxManualConfig {
  inherit src version;
  modDirVersion = "${version}-anchor"; # CONFIG_LOCALVERSION
  configfile = ../kernel/config-hardened;
  kernelPatches = map (name: {
    inherit name;
    patch = ../kernel/patches + "/${name}";
  }) patches;
}).overrideAttrs
  (old: {
    nativeBuildInputs = (old.nativeBuildInputs or [ ]) ++ [ passportc ];
    # Kconfig has dropped what it does not know and what a dependency forbids: what is left is judged.
    postConfigure = (old.postConfigure or "") + ''
      cp "$buildRoot/.config" config
      passportc gate kernel --config config --source . --date ${judged}
      rm config
    '';
  })
