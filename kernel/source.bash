# source.bash    what build and configure share: where the source is, what is patched, how make is called.
# shellcheck shell=bash disable=SC2034 # it is the two that use these
set -euo pipefail
# Flags, paths and names that make, Kconfig, compilers and ccache would take from the environment do not count.
for name in $(compgen -e); do
  case $name in PATH | HOME | TMPDIR | XDG_CACHE_HOME | ANCHOR_* | APT_CONFIG | *_proxy) ;; *) unset "$name" ;; esac
done
export LC_ALL=C TZ=UTC
umask 022
kernel=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${ANCHOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/anchor}/kernel
cross=aarch64-linux-gnu-

say() { echo "kernel: $*" >&2; }
fail() { say "$*"; exit 1; }

case $cache in *[[:space:]:]*) fail "cannot build in $cache: make would take it for several paths" ;; esac

shopt -s nullglob inherit_errexit
# Debian's package; its directory is named by the package's digest.
package=$("$kernel/../.ci/deb" trixie linux-source-6.12 || "$kernel/../.ci/deb" bookworm-backports linux-source-6.12)
archive=$(echo "$package"/usr/src/linux-source-*.tar.xz)
patches=("$kernel"/patches/*.patch)
mkdir -p "$cache"

# What a host happens to have beside the compiler must not show: Kconfig would note a Rust compiler's
# version, and pahole's.
quiet_host=(RUSTC=false BINDGEN=false PAHOLE=false)

# unpack DIR [PATTERN...]    puts the source, or what matches of it, into DIR and patches it there.
unpack() {
  local dir=$1 patch
  shift
  tar -xf "$archive" -C "$dir" --strip-components=1 --wildcards "$@"
  for patch in "${patches[@]}"; do
    patch -d "$dir" -p1 --quiet --no-backup-if-mismatch <"$patch" || fail "patch ${patch##*/} does not apply"
  done
}

# olddefconfig TREE OUT VARIABLE=...    completes OUT/.config from TREE; the log is of no use unless it fails.
olddefconfig() {
  local tree=$1 out=$2
  shift 2
  make -C "$tree" O="$out" "${quiet_host[@]}" "$@" olddefconfig >"$out/.log" 2>&1 ||
    { tail -n 30 "$out/.log" >&2; fail "cannot configure"; }
}

# settings FILE    a fragment's lines as NAME=VALUE, without the reasons behind them.
settings() { sed -nE 's/^(CONFIG_[A-Za-z0-9_]+=("[^"]*"|[^ #]+)).*/\1/p' "$1"; }

# generated FILE    a configuration as olddefconfig writes it, without what another compiler of the same
# abilities, or another minor version of the kernel, changes in it.
generated() {
  sed -n '/^# Automatically generated/,$p' "$1" |
    grep -vE '^CONFIG_(CC_VERSION_TEXT|GCC_VERSION|AS_VERSION|LD_VERSION)=|^# Linux/'
}

# unchanged OLD NEW    is NEW, which olddefconfig made of OLD, the same? If not, says each line that differs.
unchanged() {
  cmp -s <(generated "$1") <(generated "$2") && return
  diff <(generated "$1") <(generated "$2") | sed -n 's/^</kernel: - /p; s/^>/kernel: + /p' | sed 's/  / /' >&2
  return 1
}
