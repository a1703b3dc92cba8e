# The builder of the stand-in for nixpkgs: the phases that the flake relies on, in their order.
export PATH=/nix/host/go/bin:/nix/host/tools/bin:/usr/bin:/usr/sbin HOME=/homeless-shelter TZ=UTC LC_ALL=C SOURCE_DATE_EPOCH=315532800
export TMPDIR=$NIX_BUILD_TOP
umask 022
set +u
for input in $nativeBuildInputs; do [ ! -d "$input/bin" ] || PATH=$input/bin:$PATH; done
cd "$NIX_BUILD_TOP"
if [ -n "$script" ]; then eval "$script"; exit; fi

runHook() { eval "${!1}"; }
phase() {
  local start=$SECONDS
  eval "${!1:-$2}"
  [ $((SECONDS - start)) -lt 2 ] || echo "$1: $((SECONDS - start)) s"
}
if [ -n "$src" ]; then
  cp -r --no-preserve=ownership "$src" source
  chmod -R u+w source
  cd source
fi
phase patchPhase 'for file in $patches; do echo "applying $file"; patch -p1 --quiet --no-backup-if-mismatch <"$file"; done'
phase configurePhase 'runHook preConfigure; runHook postConfigure'
phase buildPhase 'runHook preBuild; runHook postBuild'
phase installPhase 'runHook preInstall; runHook postInstall'
