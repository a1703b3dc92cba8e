# The formatter of all that has one: `nix fmt` writes, with --check it only says what differs.
{
  passportc,
  pkgs,
  sources,
}:
{
  program = pkgs.writeShellApplication {
    name = "format";
    runtimeInputs = [
      passportc
      pkgs.cue
      pkgs.diffutils
      pkgs.findutils
      pkgs.go_1_26
      pkgs.nixfmt
    ];
    text = builtins.readFile ./format.sh;
  };
}
