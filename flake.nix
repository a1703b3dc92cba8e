{
  description = "Anchor OS: a hardened kernel, a static PID 1 and compiled policies in one image";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      # What is built is for AArch64, whichever of these builds it.
      builders = [
        "aarch64-linux"
        "x86_64-linux"
      ];
      each = f: lib.genAttrs builders (system: f nixpkgs.legacyPackages.${system});
      parts = each (pkgs: import ./nix { inherit lib pkgs self; });
    in
    {
      packages = lib.mapAttrs (_: part: part.packages) parts;
      checks = lib.mapAttrs (_: part: part.checks) parts;
      devShells = lib.mapAttrs (_: part: { default = part.shell; }) parts;
      formatter = lib.mapAttrs (_: part: part.formatter) parts;
    };
}
