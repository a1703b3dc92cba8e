# The packages for one system. All are built by programs of this host, which the sandbox shows read-only:
# /usr, and in /nix/host what .ci/nix is told to show. host.json says which those are, so that with another host
# it is another package. To "build for AArch64" is to tell the compilers to.
{
  lib,
  system,
  cross ? false,
}:
let
  host = builtins.fromJSON (builtins.readFile ./host.json);
  isAarch64 = cross || system == "aarch64-linux";

  # A derivation as stdenv.mkDerivation makes it, by setup.sh.
  mkDerivation =
    attributes:
    let
      own = [
        "env"
        "meta"
        "overrideModAttrs"
        "passthru"
      ];
      text = removeAttrs attributes own // (attributes.env or { });
      made = derivation (
        text
        // {
          name = attributes.name or "${attributes.pname}-${attributes.version}";
          system = attributes.system or system;
          builder = "/usr/bin/bash";
          args = [
            "-eu"
            "-o"
            "pipefail"
            ./setup.sh
          ];
        }
      );
    in
    made
    // (attributes.passthru or { })
    // {
      meta = attributes.meta or { };
      version = attributes.version or attributes.passthru.version or "";
      overrideAttrs =
        change:
        mkDerivation (attributes // (if builtins.isFunction change then change attributes else change));
    };

  runCommand =
    name: attributes: script:
    mkDerivation (attributes // { inherit name script; });

  # Programs of this host, or of what .ci/stand-in has got.
  programs =
    name: commands:
    mkDerivation {
      inherit name;
      host = builtins.toJSON (host.${name} or null);
      script = ''
        mkdir -p $out/bin
        for command in ${toString commands}; do
          found=$(command -v $command) || { echo "this host has no $command, which stands in for nixpkgs' ${name}"; exit 1; }
          ln -s "$found" $out/bin/$command
        done
      '';
      passthru.version = host.${name}.version or "0";
    };

  self =
    lib.mapAttrs programs {
      bashInteractive = [ "bash" ];
      binutils = [ "readelf" ];
      cryptsetup = [ "cryptsetup" ];
      cue = [ "cue" ];
      diffutils = [ "diff" ];
      dosfstools = [ "mkfs.vfat" ];
      dpkg = [ "dpkg-deb" ];
      efibootmgr = [ "efibootmgr" ];
      findutils = [
        "find"
        "xargs"
      ];
      gopls = [ "gopls" ];
      govulncheck = [ "govulncheck" ];
      jq = [ "jq" ];
      libseccomp = [ "scmp_sys_resolver" ];
      mtools = [ "mcopy" ];
      osslsigncode = [ "osslsigncode" ];
      qemu = [ "qemu-system-aarch64" ];
      sbsigntool = [
        "sbsign"
        "sbverify"
      ];
      squashfs-tools = [ "mksquashfs" ];
      swtpm = [ "swtpm" ];
      tokei = [ "tokei" ];
      tpm2-tools = [ "tpm2" ];
    }
    // import ./go.nix {
      inherit
        host
        isAarch64
        lib
        mkDerivation
        runCommand
        self
        ;
    }
    // import ./kernel.nix { inherit host mkDerivation; }
    // {
      inherit runCommand;
      stdenv.hostPlatform = {
        inherit isAarch64 system;
      };
      pkgsCross.aarch64-multiplatform = import ./packages.nix {
        inherit lib system;
        cross = true;
      };

      writeText = name: text: runCommand name { inherit text; } ''printf %s "$text" >$out'';
      linkFarm =
        name: entries:
        runCommand name { } (
          "mkdir $out\n" + lib.concatMapStrings (entry: "ln -s ${entry.path} $out/${entry.name}\n") entries
        );
      # `nix develop` sources $stdenv/setup.
      mkShell =
        { packages }:
        runCommand "nix-shell" {
          nativeBuildInputs = packages;
          outputs = [ "out" ];
          stdenv = runCommand "stdenv" { } "install -D ${./shell.sh} $out/setup";
        } "export >$out";
      writeShellApplication =
        {
          name,
          runtimeInputs,
          text,
        }:
        runCommand name
          {
            whole = ''
              #!/usr/bin/env bash
              set -o errexit -o nounset -o pipefail
              PATH=${lib.concatMapStrings (input: "${input}/bin:") runtimeInputs}$PATH

              ${text}'';
            meta.mainProgram = name;
          }
          ''
            mkdir -p $out/bin
            printf %s "$whole" >$out/bin/${name}
            chmod +x $out/bin/${name}
            shellcheck $out/bin/${name}
          '';

      # What was fetched before is in /nix/host/files, by its hash.
      fetchurl =
        { url, sha256 }:
        mkDerivation {
          name = baseNameOf url;
          script = "cp /nix/host/files/${sha256}.deb $out";
          outputHashAlgo = "sha256";
          outputHash = sha256;
        };

      systemd = mkDerivation {
        name = "systemd";
        inherit (host.stub) version digest;
        script = ''
          mkdir -p $out/lib/systemd/boot/efi
          cp /nix/host/parts/linuxaa64.efi.stub $out/lib/systemd/boot/efi
        '';
      };

      # There is no nixfmt here. What stands in for it finds what is certainly not its style.
      nixfmt = mkDerivation {
        name = "nixfmt";
        script = "install -D -m 0755 ${./nixfmt.sh} $out/bin/nixfmt";
      };
    };
in
self
