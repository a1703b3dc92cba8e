# The checks: every gate, the formatters, and those tests that need neither root nor a machine nor a network.
{
  format,
  go,
  kernel,
  pkgs,
  release,
  self,
  sources,
  target,
}:
let
  check =
    name: script:
    pkgs.runCommand "check-${name}" { nativeBuildInputs = [ go.passportc ]; } ''
      ${script}
      touch $out
    '';
  # Tests in Go, with the tools of others that they compare with.
  tests = name: go.check "tests-${name}" sources.tests;

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

  gate-bay0 = go.checkRelease "gate-bay0" sources.bay0Law [ go.passportc ] ''
    passportc gate bay0 --bay0 ${go.bay0}/bin/bay0
  '';

  # What the machine that boots would read.
  image = check "image" ''
    passportc inspect ${release.uki}/anchor.efi
  '';

  # Mutants of Bay0 are programs that boot.
  tests-bay0 = tests "bay0" [ ] ''
    go test $(go list ./cmd/bay0/internal/... | grep -v /mutate)
  '';
  tests-compiler = tests "compiler" [ pkgs.libseccomp ] ''
    go test ./compiler/...
  '';
  # That options exist, the gate judges where the kernel is configured: there is its source.
  tests-gates = tests "gates" [ pkgs.tokei ] ''
    go test -skip '^TestShippedOptionsExist$' ./release/gate/...
  '';
  tests-policy = tests "policy" [ ] ''
    go test ./policy/...
  '';
  tests-programs = tests "programs" [ pkgs.swtpm ] ''
    go test ./program/... ./rooms/*/program
  '';
  # One asks a cross objdump, by the name that Debian gives it.
  tests-release = tests "release" [ pkgs.osslsigncode ] ''
    mkdir parts
    ln -s ${kernel}/Image ${target.systemd}/lib/systemd/boot/efi/linuxaa64.efi.stub parts
    export ANCHOR_PARTS=$PWD/parts
    go test -skip '^TestObjdumpSeesTheSameSections$' ./release/initrd ./release/lazyregexp ./release/pe/... ./release/signing ./release/uki
  '';

  # Of the repository as a whole; the others of that folder build and boot, or ask modules themselves.
  tests-whole = go.check "tests-whole" sources.whole [ ] ''
    go test -run '^(TestImportLaw|TestDocumentLinks|TestReadmeShowsARealFault|TestThreatsAreTested)$' .
  '';

  formatted = check "formatted" ''
    cp -r ${sources.formatted} source
    chmod -R u+w source
    cd source
    ${format.program}/bin/format --check
  '';
}
