# Go, and how nixpkgs builds with it: the modules by a derivation whose result must have a hash, then the
# program, without network.
{
  host,
  isAarch64,
  lib,
  mkDerivation,
  runCommand,
  self,
}:
let
  env = {
    GO111MODULE = "on";
    GOTOOLCHAIN = "local";
    GOSUMDB = "off";
    GOOS = "linux";
    GOARCH = if isAarch64 then "arm64" else "amd64";
  };

  # What everything else is compiled with, once: Go's own packages take longer than all of ours.
  standard = mkDerivation {
    name = "go-standard";
    inherit (host) system;
    go = host.go_1_26.version;
    env = env // {
      CGO_ENABLED = "0";
    };
    script = ''
      export GOCACHE=$out GOPATH=$TMPDIR/go
      go build -trimpath std
      find $out -exec touch -h -d @1 {} +
    '';
  };

  # The same with all packages of a vendor tree.
  compiled =
    vendor:
    mkDerivation {
      name = "go-vendor";
      inherit (host) system;
      src = vendor;
      env = env // {
        CGO_ENABLED = "0";
        GOFLAGS = "-mod=vendor -trimpath";
      };
      script = ''
        export GOPATH=$TMPDIR/go GOCACHE=$out
        cp -r ${standard} $out
        chmod -R u+w $out
        mkdir tree
        cd tree
        cp ${./go.mod} go.mod
        cp -r ${vendor} vendor
        go build $(sed '/^#/d' vendor/modules.txt | xargs go list -e -f '{{if .GoFiles}}{{.ImportPath}}{{end}}')
      '';
    };

  buildGoModule =
    {
      vendorHash,
      src,
      overrideModAttrs ? (_: { }),
      proxyVendor ? false,
      subPackages ? [ ],
      ldflags ? [ ],
      nativeBuildInputs ? [ ],
      doCheck ? true,
      ...
    }@arguments:
    let
      # Nix itself compares what comes out with the hash. /nix/host/modules is a proxy of modules that were
      # downloaded before; `go` compares them with go.sum.
      modules =
        (mkDerivation {
          name = "${arguments.pname}-go-modules";
          inherit src;
          env = env // {
            GOPROXY = "file:///nix/host/modules";
          };
          configurePhase = "export GOCACHE=$TMPDIR/go-cache GOPATH=$TMPDIR/go";
          buildPhase = if proxyVendor then "go mod download" else "go mod vendor";
          installPhase =
            if proxyVendor then "cp -r $GOPATH/pkg/mod/cache/download $out" else "cp -r vendor $out";
          outputHashMode = "recursive";
          outputHash = vendorHash;
          outputHashAlgo = null;
        }).overrideAttrs
          overrideModAttrs;
      arguments' = removeAttrs arguments [
        "doCheck"
        "overrideModAttrs"
        "proxyVendor"
        "vendorHash"
      ];
    in
    mkDerivation (
      {
        configurePhase = ''
          export GOCACHE=$TMPDIR/go-cache GOPATH=$TMPDIR/go
          cp -r ${if proxyVendor then standard else compiled modules} $GOCACHE
          chmod -R u+w $GOCACHE
        ''
        + (
          if proxyVendor then
            "export GOPROXY=file://${modules}"
          else
            "export GOPROXY=off; cp -r ${modules} vendor"
        );
        buildPhase = ''
          for package in $subPackages; do go install -ldflags="$ldflags" ./$package; done
          [ ! -d $GOPATH/bin/linux_$GOARCH ] || mv $GOPATH/bin/linux_$GOARCH/* $GOPATH/bin
        '';
        installPhase = ''
          mkdir -p $out/bin
          find $GOPATH/bin -type f -exec cp {} $out/bin ';'
          runHook postInstall
        '';
      }
      // arguments'
      // {
        inherit subPackages;
        nativeBuildInputs = [ self.go_1_26 ] ++ nativeBuildInputs;
        ldflags = toString (ldflags ++ [ "-buildid=" ]);
        env =
          env
          // (arguments.env or { })
          // {
            GOFLAGS = if proxyVendor then "-trimpath" else "-mod=vendor -trimpath";
          };
        passthru = {
          inherit modules standard;
          compiled = compiled modules;
        };
      }
    );
in
{
  buildGo126Module = buildGoModule;
  go_1_26 = runCommand "go" {
    version = host.go_1_26.version;
  } "mkdir -p $out/bin; ln -s /nix/host/go/bin/* $out/bin";
}
