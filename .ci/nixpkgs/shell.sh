# What nix develop sources: the programs of the shell.
for input in $nativeBuildInputs; do PATH=$input/bin:$PATH; done
