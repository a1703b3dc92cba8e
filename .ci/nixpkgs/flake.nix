{
  description = "What stands in for nixpkgs where there is no network: the little of it that the flake uses, made of this host's programs";

  outputs =
    { self }:
    let
      lib = import ./lib.nix;
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "aarch64-linux" "x86_64-linux" ] (
        system: import ./packages.nix { inherit lib system; }
      );
    };
}
