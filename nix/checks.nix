# The checks: every gate, the formatters, and tests that need neither root nor a machine.
{
  format,
  go,
  pkgs,
  release,
  self,
  sources,
}:
let
  check =
    name: script:
    pkgs.runCommand "check-${name}" { nativeBuildInputs = [ go.passportc ]; } ''
      ${script}
      touch $out
    '';
  # Waivers are judged on the day of the commit.
  day =
    let
      part = builtins.substring;
      date = self.lastModifiedDate;
    in
    "${part 0 4 date}-${part 4 2 date}-${part 6 2 date}";
in
{
  gate-kernel = check "gate-kernel" ''
    cp ${../kernel/config-hardened} config-hardened
    passportc gate kernel --config config-hardened --date ${day}
  '';

  gate-lock = check "gate-lock" ''
    cd ${sources.lock}
    passportc gate lock
  '';

  gate-nixconf = check "gate-nixconf" ''
    cp ${./nix.conf} nix.conf
    passportc gate nixconf nix.conf
  '';

  gate-flake = check "gate-flake" ''
    cd ${sources.expressions}
    passportc gate flake
  '';

  gate-bay0 = go.check "gate-bay0" sources.bay0Law [ go.passportc ] ''
    passportc gate bay0 --bay0 ${go.bay0}/bin/bay0
  '';

  # What the machine that boots would read.
  image = check "image" ''
    passportc inspect ${release.uki}/anchor.efi
  '';

  tests = go.check "tests" sources.tests [ ] ''
    go test ./policy/... ./release/initrd ./release/pe \
      $(go list ./cmd/bay0/internal/... | grep -v /mutate)
  '';

  formatted = check "formatted" ''
    cp -r ${sources.formatted} source
    chmod -R u+w source
    cd source
    ${format.program}/bin/format --check
  '';
}
