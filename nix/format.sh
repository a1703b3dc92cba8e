# format [--check]    writes Nix, Go, CUE and passports in the one style of each, in the directory where it is
# called and below. With --check it writes nothing and fails where something differs.
check=()
case $# in
0) ;;
1) [ "$1" = --check ] || { echo "format: unknown argument $1 (--check, or none)" >&2; exit 2; }; check=(--check) ;;
*) echo "format: at most one argument: --check" >&2; exit 2 ;;
esac

# files EXTENSION    lists what people wrote: not what was built, and not what tests are given.
files() { find . \( -name '.?*' -o -name testdata -o -path ./out -o -path ./vendor \) -prune -o -type f -name "*.$1" -print0; }

failed=0
files nix | xargs -0 -r nixfmt "${check[@]}" || failed=1
files cue | xargs -0 -r cue fmt "${check[@]}" || failed=1
passportc fmt "${check[@]}" || failed=1
if [ ${#check[@]} = 0 ]; then
  files go | xargs -0 -r gofmt -w
else
  differ=$(files go | xargs -0 -r gofmt -l)
  [ -z "$differ" ] || { echo "not as gofmt writes it:"; echo "$differ"; failed=1; }
fi
[ "$failed" = 0 ] || { echo "format: what is listed above is not formatted" >&2; exit 1; }
