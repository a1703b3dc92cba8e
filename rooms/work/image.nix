# The image of the room "work": its program, and the place where its volume goes.
{ image, program, ... }:
image [
  ./root
  program
]
