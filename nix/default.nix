# What the flake has for one builder. Two package sets: pkgs runs on the builder, target is for AArch64.
{
  lib,
  pkgs,
  self,
}:
let
  target = if pkgs.stdenv.hostPlatform.isAarch64 then pkgs else pkgs.pkgsCross.aarch64-multiplatform;
  sources = import ./sources.nix { inherit lib; };
  go = import ./go.nix { inherit pkgs sources target; };
  inherit (go) passportc;
  rooms = import ./rooms.nix {
    inherit
      go
      lib
      pkgs
      sources
      ;
  };
  kernel = import ./kernel.nix { inherit lib passportc target; };
  release = import ./release.nix {
    inherit
      go
      kernel
      pkgs
      rooms
      sources
      target
      ;
  };
  format = import ./format.nix { inherit passportc pkgs sources; };
in
{
  packages = {
    inherit kernel passportc;
    inherit (go) bay0;
    inherit (release) initrd passports uki;
    roomImages = rooms;
    default = release.uki;
  };
  checks = import ./checks.nix {
    inherit
      format
      go
      kernel
      pkgs
      release
      self
      sources
      target
      ;
  };
  shell = import ./shell.nix { inherit passportc pkgs; };
  formatter = format.program;
}
