# The image of the room "web": its program.
{ image, program, ... }:
image [ program ]
