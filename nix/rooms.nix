# The images of the rooms. A folder in rooms/ with an image.nix is one: a function of what is below as
# recipes, to a derivation.
{
  go,
  lib,
  pkgs,
  sources,
}:
let
  recipe = room: ../rooms + "/${room}/image.nix";
  rooms = lib.filter (room: builtins.pathExists (recipe room)) (
    builtins.attrNames (builtins.readDir ../rooms)
  );

  recipes = room: {
    # The room's own program, of its folder program/.
    program = go.room room;

    # An image of layers, each a tree; what is in a later one is over what is in an earlier one.
    image =
      layers:
      pkgs.runCommand "${room}.squashfs"
        {
          nativeBuildInputs = [
            pkgs.binutils
            pkgs.squashfs-tools
          ];
        }
        ''
          mkdir root
          for layer in ${lib.concatMapStringsSep " " (layer: "${layer}") layers}; do
            cp -a "$layer/." root
            chmod -R u+w root
          done
          bash ${../rooms/pack-image} root $out
        '';

    # Those files of a Debian package that match patterns.
    keep =
      package: patterns:
      pkgs.runCommand "files" { nativeBuildInputs = [ pkgs.dpkg ]; } ''
        dpkg-deb -x ${package} package
        mkdir $out
        cd package
        cp -a --parents -- ${toString patterns} $out
      '';

    inherit (pkgs) fetchurl;
  };

  images = lib.genAttrs rooms (room: import (recipe room) (recipes room));

  farm = pkgs.linkFarm "room-images" (
    map (room: {
      name = "${room}.squashfs";
      path = images.${room};
    }) rooms
  );

  # The package has attributes of its own, which would hide the room's.
  taken = builtins.attrNames (builtins.intersectAttrs images farm);
in
# A package that holds all of them, with an attribute for each.
if taken == [ ] then
  images // farm
else
  throw "no room can have the name ${toString taken}: the package of all images has such an attribute"
