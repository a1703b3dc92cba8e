# The image of the room "vault-access": its program.
{ image, program, ... }:
image [ program ]
