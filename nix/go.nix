# The programs in Go.
{
  pkgs,
  sources,
  target,
}:
let
  version = "1";
  common = {
    inherit version;
    ldflags = [
      "-s"
      "-w"
    ];
    doCheck = false;
  };

  # Copies of the modules, as `go mod vendor` lays them down for all of the repository.
  vendored = common // {
    vendorHash = "sha256-cXfQIHPLOmaYrrMgbFbBeUZMcGS8r3lx61pUMJaCIcY=";
    overrideModAttrs = _: {
      name = "anchor-vendor";
      src = sources.modules;
    };
    env.CGO_ENABLED = "0";
  };

  # What goes into a release is built of the modules themselves: only then does a binary name each of them
  # with its hash, and is the same as that of `make`. There are few of them.
  themselves = common // {
    proxyVendor = true;
    vendorHash = "sha256-qyjG8cq3h1X2QPpoqR4OEge+BaSgviCThoGoGlAHka8=";
    overrideModAttrs = _: {
      name = "anchor-modules";
      src = sources.programs;
      buildPhase = "go list -deps ./... >packages";
    };
    env = {
      CGO_ENABLED = "0";
      GOARM64 = "v8.0";
    };
  };
  program =
    pname: src: package:
    target.buildGo126Module (
      themselves
      // {
        inherit pname src;
        subPackages = [ package ];
      }
    );

  # Runs a script in a tree of sources with its modules.
  check =
    build: modules: pname: src: inputs: script:
    build (
      modules
      // {
        inherit pname src;
        nativeBuildInputs = inputs;
        buildPhase = script;
        installPhase = "touch $out";
      }
    );
in
{
  # It runs on the builder.
  passportc = pkgs.buildGo126Module (
    vendored
    // {
      pname = "passportc";
      src = sources.passportc;
      subPackages = [ "cmd/passportc" ];
      meta.mainProgram = "passportc";
    }
  );

  bay0 = program "bay0" sources.bay0 "cmd/bay0";

  # The program of a room, as /bin/<room>.
  room =
    name:
    (program "room-${name}" (sources.program name) "rooms/${name}/program").overrideAttrs {
      postInstall = "mv $out/bin/program $out/bin/${name}";
    };

  check = check pkgs.buildGo126Module vendored;

  # The same with what a release is built of, and as it is built: no copies of modules lie in the tree.
  checkRelease = check target.buildGo126Module themselves;
}
