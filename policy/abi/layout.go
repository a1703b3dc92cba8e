package abi

// Where things lie in the initramfs. The builder of the archive, the compiler
// and Bay0 must agree on these paths, so none of them spells one out.
const (
	Bay0Name      = "bay0"        // before every line that Bay0 logs; no room's name
	Bay0Path      = "/bin/bay0"   // PID 1, the archive's only executable file
	PassportsPath = "/.passports" // the blob, a copy of the UKI's section
	ImageDir      = "/images"     // the rooms' squashfs images
	RoomRoot      = "/room"       // where a room's root is attached before pivot_root
)

// Entry is a directory or file of the initramfs.
type Entry struct {
	Path string // absolute
	Mode uint32 // S_IFMT and permission bits (inode(7)); owner and group are root
}

// Initramfs are the entries that every machine has; beside them there is an image
// for each room, of mode ImageMode. Directories stand before what is in them.
var Initramfs = []Entry{
	{"/bin", modeDirectory | 0o755},
	{Bay0Path, modeRegular | 0o555},
	{"/dev", modeDirectory | 0o755},
	{ImageDir, modeDirectory | 0o755},
	{"/proc", modeDirectory | 0o755},
	{RoomRoot, modeDirectory | 0o755},
	{"/run", modeDirectory | 0o755},
	{"/sys", modeDirectory | 0o755},
	{PassportsPath, modeRegular | 0o444},
}

const (
	ImageMode     = modeRegular | 0o444
	modeDirectory = 0o040000 // S_IFDIR
	modeRegular   = 0o100000 // S_IFREG
)

// ImagePath is the path of a room's squashfs image. The room's name is not
// checked here.
func ImagePath(room string) string { return ImageDir + "/" + room + ".squashfs" }

// RunDir is on Bay0's own tmpfs, with one directory a room.
const RunDir = "/run/rooms"

// NotifySource is the socket on the machine on which a room says that it is ready.
func NotifySource(room string) string { return RunDir + "/" + room + "/notify" }

// ImageMount is where a room's image is mounted on the machine.
func ImageMount(room string) string { return RunDir + "/" + room + "/image" }
