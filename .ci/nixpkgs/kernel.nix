# The kernel. Kconfig and the patches are the real ones, on those files of the source that configuration and
# patches touch. What is not done is to compile: the Image comes from kernel/build, if the configuration is
# the one that it was built with.
{ host, mkDerivation }:
{
  linuxKernel.kernels.linux_6_12 = {
    inherit (host.kernel) version;
    src = "/nix/host/kconfig";
  };

  linuxManualConfig =
    {
      version,
      modDirVersion,
      src,
      configfile,
      kernelPatches,
    }:
    assert builtins.isPath configfile; # or nixpkgs takes it for a configuration with modules
    mkDerivation {
      pname = "linux";
      inherit src version;
      inherit (host.kernel) digest;
      patches = map (patch: patch.patch) kernelPatches;
      configurePhase = ''
        mkdir build
        export buildRoot=$PWD/build
        ln -s ${configfile} $buildRoot/.config
        make O=build ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- RUSTC=false BINDGEN=false PAHOLE=false oldconfig >log 2>&1 </dev/null ||
          { tail log; exit 1; }
        runHook postConfigure
      '';
      buildPhase = ''
        release=$version$(sed -n 's/^CONFIG_LOCALVERSION="\(.*\)"/\1/p' build/.config)
        [ $release = ${modDirVersion} ] || { echo "modDirVersion ${modDirVersion} is wrong, it should be $release"; exit 1; }
        diff <(grep -v '^#' /nix/host/parts/config) <(grep -v '^#' build/.config) ||
          { echo "the stand-in has no kernel of this configuration"; exit 1; }
      '';
      installPhase = "mkdir $out; cp /nix/host/parts/Image $out";
    };
}
