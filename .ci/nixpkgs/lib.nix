# The functions of nixpkgs' lib that the flake uses, and those that they need.
let
  inherit (builtins)
    any
    concatMap
    isAttrs
    listToAttrs
    map
    stringLength
    substring
    ;
in
rec {
  inherit (builtins) filter mapAttrs;
  genAttrs =
    names: f:
    listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );
  hasPrefix = start: text: substring 0 (stringLength start) text == start;
  hasSuffix =
    end: text:
    let
      rest = stringLength text - stringLength end;
    in
    rest >= 0 && substring rest (-1) text == end;
  concatMapStrings = concatMapStringsSep "";
  concatMapStringsSep =
    between: f: list:
    builtins.concatStringsSep between (map f list);

  # A set of files is a test of paths, and the directories in which there may be some.
  fileset = rec {
    of =
      set:
      if isAttrs set then
        set
      else
        {
          has = path: path == toString set || hasPrefix "${toString set}/" path;
          within = [ (toString set) ];
        };
    unions =
      list:
      let
        sets = map of list;
      in
      {
        has = path: any (set: set.has path) sets;
        within = concatMap (set: set.within) sets;
      };
    difference = a: b: {
      has = path: (of a).has path && !(of b).has path;
      inherit (of a) within;
    };
    fileFilter = wanted: directory: {
      has =
        path:
        let
          name = baseNameOf path;
        in
        (of directory).has path
        && wanted {
          inherit name;
          type = "regular";
          hasExt = extension: hasSuffix ".${extension}" name;
        };
      within = [ (toString directory) ];
    };
    # As in nixpkgs, the files of a set have to be there.
    toSource =
      { root, fileset }:
      let
        set = of fileset;
        missing = builtins.filter (path: !builtins.pathExists path) set.within;
        below = directory: path: hasPrefix "${directory}/" "${path}/";
      in
      if missing != [ ] then
        throw "lib.fileset: ${toString missing} is not there"
      else
        {
          outPath = builtins.path {
            path = root;
            name = "source";
            filter =
              path: type:
              if type == "directory" then
                any (within: below within path || below path within) set.within
              else
                set.has path;
          };
        };
  };
}
