#!/bin/bash
# nixfmt [--check] FILE...    stands in for nixfmt: it takes away tabs and blanks at the ends of lines.
check=
[ "$1" != --check ] || { check=1; shift; }
failed=0
for file; do
  fixed=$(sed 's/\t/  /g; s/ *$//' "$file")
  [ "$fixed" != "$(cat "$file")" ] || continue
  if [ -n "$check" ]; then echo "$file: not formatted"; failed=1; else echo "$fixed" >"$file"; fi
done
exit $failed
