# Of which files each part is made. What is not among them can change without it being built again.
{ lib }:
let
  inherit (lib.fileset)
    difference
    fileFilter
    toSource
    unions
    ;
  source =
    files:
    toSource {
      root = ../.;
      fileset = unions files;
    };
  module = [
    ../go.mod
    ../go.sum
  ];
  goFiles = fileFilter (file: file.hasExt "go");
  programFiles = fileFilter (file: file.hasExt "go" && !lib.hasSuffix "_test.go" file.name);
  bay0 = [
    (difference (programFiles ../cmd/bay0) (unions [
      ../cmd/bay0/internal/mutate
      ../cmd/bay0/testdata
    ]))
    (programFiles ../policy/abi)
    (difference (programFiles ../policy/blob) ../policy/blob/encode)
  ];
in
{
  # All Go of the repository, for the modules that it needs.
  modules = source (module ++ [ (goFiles ../.) ]);

  passportc = source (
    module
    ++ [
      (programFiles ../cmd/passportc)
      ../cmd/passportc/explained
      ../cmd/passportc/newroom
      (programFiles ../compiler)
      ../compiler/explain/codes
      ../cue
      ../kernel/embed.go
      ../kernel/hardening.hcl
      (programFiles ../policy)
      (programFiles ../release)
    ]
  );

  bay0 = source (module ++ bay0);

  # The program of a room, by the room's name.
  program =
    room:
    source (
      module
      ++ [
        (programFiles ../program)
        (programFiles (../rooms + "/${room}/program"))
      ]
    );

  # All that goes into a release, for the modules that it needs.
  programs = source (
    module
    ++ bay0
    ++ [
      (programFiles ../program)
      (programFiles ../rooms)
    ]
  );

  passports = source [
    (fileFilter (file: file.hasExt "toml" || file.hasExt "hcl") ../rooms)
  ];

  # What the gates look at.
  bay0Law = source (
    module
    ++ bay0
    ++ [
      ../cmd/bay0/law.hcl
      ../docs/DEPENDENCIES.md
    ]
  );
  lock = source [
    ../flake.lock
    ../flake.nix
  ];
  expressions = source [ (fileFilter (file: file.hasExt "nix") ../.) ];

  # What has a formatter.
  formatted = source [
    (fileFilter (file: file.hasExt "nix" || file.hasExt "go" || file.hasExt "cue") ../.)
    (fileFilter (file: file.hasExt "toml") ../rooms)
  ];

  # The repository.
  whole = source [ ../. ];

  # Go with all that its tests read.
  tests = source (
    module
    ++ [
      ../.taplo.toml
      ../cmd
      ../compiler
      ../cue
      ../docs/DEPENDENCIES.md
      ../docs/FORMAT.md
      ../docs/PASSPORT.md
      ../docs/schema
      ../kernel
      ../policy
      ../program
      ../release
      ../rooms
    ]
  );
}
