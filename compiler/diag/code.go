package diag

import (
	"fmt"
	"maps"
	"slices"
)

// Code names one kind of fault for good: a number is never given a new meaning
// and never used again.
type Code uint16

// String is the form that users see and search for: "P0301".
func (c Code) String() string { return fmt.Sprintf("P%04d", uint16(c)) }

// Title is the fault in general, in one line; "" for a number that is no code.
func (c Code) Title() string { return titles[c] }

// Codes gives every code, in order.
func Codes() []Code { return slices.Sorted(maps.Keys(titles)) }

// P01xx: files and directories.
const (
	Unreadable Code = 101 + iota
	NotRegular
	TooLarge
	NotUTF8
	ByteOrderMark
	ControlCharacter
	NoRooms
	NoSystemFile
	NoPassport
	TooManyRooms
)

// P02xx: TOML.
const (
	Syntax Code = 201 + iota
	DuplicateKey
	TooDeep
	TooManyParts
	TooManyValues
	DateRefused
	NotFinite
	ReadersDisagree
)

// P03xx: the shape of one file.
const (
	UnknownKey Code = 301 + iota
	MissingKey
	WrongType
	WrongForm
	OutOfRange
	NotOneOf
	WrongLength
	WrongVersion
	RepeatedItem
)

// P04xx: rules within one file.
const (
	NameNotDirectory Code = 401 + iota
	ReservedVariable
	HighAboveMax
	MountNotAllowed
	MountsNested
	TmpfsAboveMemory
	UnknownSystemCall
	ForbiddenSystemCall
	NeedlessRule
	RepeatedRule
	FloorAboveVersion
	RefusedParameter
	CommandLineTooLong
	NeededSystemCall
	RestartOfCritical
	GrantWithoutNetwork
	VaultWithNetwork
	TPMWithoutVault
	RepeatedVolume
	RepeatedConnect
	OwnRoom
	UnusableAddress
	NameReserved
	RefusedCapability
	PortNeedsCapability
	NeedlessCapability
	WatchdogWithoutNotify
)

// P05xx: rules for the whole system.
const (
	NameTaken Code = 501 + iota
	UserTaken
	RequiredRoomMissing
	OverBudget
	BadImage
	RoomNotThere
	WaitsInCircle
	SocketTaken
	SocketNotThere
	SocketOneSided
	TooManySockets
	PartitionNotThere
	PartitionUnused
	VolumeNotShared
	NetworkMissing
	NetworkUnused
	VaultInReach
	PortTaken
)

// P06xx: the build's inputs, as the gates judge them.
const (
	RulesSyntax Code = 601 + iota
	RulesUnknown
	RulesMissing
	RulesValue
	RulesRepeated
	WaiverWithoutRule
	WaiverExpired
	WaiverTooLong
	WaiverNeedless
	ConfigSyntax
	ConfigRepeated
	ConfigTruncated
	ConfigUnnamed
	OptionWrong
	OptionMissing
	OptionUnknown
	GroupUnfulfilled
	ParameterWrong
	SysctlWrong
	FileWrong
	JSONSyntax
	JSONRepeated
	LockVersion
	LockForm
	LockGraph
	InputUnpinned
	InputLocal
	InputElsewhere
	InputAltered
	InputOlder
	InputNew
	SumSyntax
	BillForm
	SettingSyntax
	SettingElsewhere
	SettingWrong
	NixSyntax
	FetchWithoutHash
	SandboxLeft
	Impure
	DerivedExpression
	InputLoose
	TooManyLines
	UnsafeUnapproved
	ApprovalNeedless
	ImportForbidden
	ModuleUnlisted
	NotStatic
	BinaryTooLarge
	CommandLineSyntax
	BinaryOfOthers
)

var titles = map[Code]string{
	Unreadable:       "a file or directory cannot be read",
	NotRegular:       "what should be a file is something else",
	TooLarge:         "a file is larger than its kind may be",
	NotUTF8:          "a file is not UTF-8",
	ByteOrderMark:    "a file begins with a byte order mark",
	ControlCharacter: "a file holds a control character",
	NoRooms:          "a rooms directory holds nothing",
	NoSystemFile:     "a rooms directory has no system.toml",
	NoPassport:       "a room's directory has no passport.toml",
	TooManyRooms:     "there are more rooms than a policy can hold",

	Syntax:          "a file is not TOML",
	DuplicateKey:    "a key or table is given twice",
	TooDeep:         "values are nested too deeply",
	TooManyParts:    "a dotted key has too many parts",
	TooManyValues:   "a file has too many keys and values",
	DateRefused:     "a date or time is given where the language has none",
	NotFinite:       "a number is infinite or not a number",
	ReadersDisagree: "two TOML readers understand the file differently",

	UnknownKey:   "a key is not part of the language",
	MissingKey:   "a required key is missing",
	WrongType:    "a value has the wrong type",
	WrongForm:    "a text is not written as its key asks",
	OutOfRange:   "a number, size or duration is out of its range",
	NotOneOf:     "a value is none of those its key can have",
	WrongLength:  "a list or text is too short or too long",
	WrongVersion: "a file is written in another version of the language",
	RepeatedItem: "a list names something twice",

	NameNotDirectory:      "a room is not named like its directory",
	ReservedVariable:      "an environment variable is reserved",
	HighAboveMax:          "memory.high lies above memory.max",
	MountNotAllowed:       "a mount lies where a room may have none",
	MountsNested:          "two mounts of a room lie at or below one another",
	TmpfsAboveMemory:      "a tmpfs is larger than the room's memory",
	UnknownSystemCall:     "a system call does not exist",
	ForbiddenSystemCall:   "a system call can never be allowed",
	NeedlessRule:          "a system-call rule changes nothing",
	RepeatedRule:          "two rules name the same system call",
	FloorAboveVersion:     "the policy's floor lies above its own version",
	RefusedParameter:      "a kernel parameter is refused",
	CommandLineTooLong:    "the kernel command line is too long",
	NeededSystemCall:      "a system call is denied that every room needs",
	RestartOfCritical:     "a critical room cannot be started again",
	GrantWithoutNetwork:   "a room without a network is granted a part of it",
	VaultWithNetwork:      "a room has both a network and the vault",
	TPMWithoutVault:       "a room has the TPM but not the vault",
	RepeatedVolume:        "a room has the same volume twice",
	RepeatedConnect:       "a room connects to the same socket twice",
	OwnRoom:               "a room names itself where another room belongs",
	UnusableAddress:       "a machine cannot have this address",
	NameReserved:          "a room has a name that is Bay0's",
	RefusedCapability:     "a capability cannot be granted",
	PortNeedsCapability:   "a port needs a capability",
	NeedlessCapability:    "a capability has no use",
	WatchdogWithoutNotify: "signs of life have no socket to go to",

	NameTaken:           "two rooms have the same name",
	UserTaken:           "two rooms run as the same user",
	RequiredRoomMissing: "a required room does not exist",
	OverBudget:          "the rooms need more than the machine's budget",
	BadImage:            "a room's image is missing or no squashfs",
	RoomNotThere:        "a room that another one names does not exist",
	WaitsInCircle:       "rooms wait for each other in a circle",
	SocketTaken:         "two sockets have the same name",
	SocketNotThere:      "a room connects to a socket that does not exist",
	SocketOneSided:      "only one side of a socket names the other",
	TooManySockets:      "there are more sockets than a policy can hold",
	PartitionNotThere:   "a volume is on no partition of the machine",
	PartitionUnused:     "no room uses a partition",
	VolumeNotShared:     "rooms use a volume together without saying so",
	NetworkMissing:      "a room is in the machine's network, which has none",
	NetworkUnused:       "the machine has a network that no room is in",
	VaultInReach:        "sockets or volumes lead from a network to the vault",
	PortTaken:           "two rooms bind the same TCP port",

	RulesSyntax:       "a file of rules is not HCL, or says more than plain values",
	RulesUnknown:      "a block or attribute is not part of the language of rules",
	RulesMissing:      "a rule, group or waiver does not say what it must",
	RulesValue:        "a value in a file of rules has the wrong type or form",
	RulesRepeated:     "a rule or waiver is given twice",
	WaiverWithoutRule: "a waiver names no rule",
	WaiverExpired:     "a waiver has expired",
	WaiverTooLong:     "a waiver holds for more than a year",
	WaiverNeedless:    "a waiver waives a rule that is fulfilled",
	ConfigSyntax:      "a line of a kernel configuration is malformed",
	ConfigRepeated:    "a kernel configuration says something twice",
	ConfigTruncated:   "a kernel configuration was cut off",
	ConfigUnnamed:     "a kernel configuration does not say which kernel it is for",
	OptionWrong:       "an option of the kernel is not as a rule demands",
	OptionMissing:     "an option that a rule demands is not in the kernel's configuration",
	OptionUnknown:     "no Kconfig file of the kernel defines an option",
	GroupUnfulfilled:  "a group of options is not as a rule demands",
	CommandLineSyntax: "a kernel parameter is written such that the kernel's readers differ",
	ParameterWrong:    "the kernel's command line is not as a rule demands",
	SysctlWrong:       "a sysctl of the running kernel is not as a rule demands",
	FileWrong:         "a file of the running kernel is not as a rule demands",
	JSONSyntax:        "a file is not JSON, or was cut off",
	JSONRepeated:      "a JSON object has a key twice",
	LockVersion:       "a flake.lock is of a version that is not known",
	LockForm:          "a flake.lock does not say something, or not in its form",
	LockGraph:         "the inputs in a flake.lock do not hang together",
	InputUnpinned:     "an input is not locked by revision and content",
	InputLocal:        "an input comes from this machine or from a registry",
	InputElsewhere:    "an input comes from another place than it should",
	InputAltered:      "an input's content changed and its version did not",
	InputOlder:        "an input is older than before",
	InputNew:          "an input came in that nobody named",
	SumSyntax:         "a line of a go.sum is malformed",
	BillForm:          "a bill of materials does not name versions",
	SettingSyntax:     "a line of a nix.conf is no setting",
	SettingElsewhere:  "a nix.conf includes a file that is not judged",
	SettingWrong:      "a setting of Nix lets a build or a cache do too much",
	NixSyntax:         "a .nix file is malformed",
	FetchWithoutHash:  "something is fetched without its hash",
	SandboxLeft:       "an expression opens Nix's sandbox or changes its settings",
	Impure:            "an expression depends on the machine that evaluates it",
	DerivedExpression: "an expression depends on the result of a build",
	InputLoose:        "an input of a flake is not what a lock can pin",
	TooManyLines:      "Bay0 has more lines of code than a person can read",
	UnsafeUnapproved:  "Bay0 uses what Go does not check, and it is not approved",
	ApprovalNeedless:  "an approval of unsafe approves nothing",
	ImportForbidden:   "Bay0 reaches a package that it may not",
	ModuleUnlisted:    "Bay0 reaches a module that is not allowed",
	NotStatic:         "a binary of Bay0 is not static",
	BinaryTooLarge:    "a binary of Bay0 is too large",
	BinaryOfOthers:    "a binary of Bay0 is not built of what was judged",
}
