package wire

// Kind is what a field's value refers to. Fields that are values themselves are
// not listed.
type Kind uint8

const (
	Number Kind = iota + 1 // u32: a record of a table
	List                   // two u32: the first record in a table, and how many
	Sorted                 // a List whose records ascend strictly by their first u32
	Zero                   // u32: zero
	Short                  // u32: at most 65535
)

// Field is a field of a record that refers to a table.
type Field struct {
	Offset int
	Kind   Kind
	Table  int
}

// Header and Fields are all the fields of the header and of each table's records
// that a reader has to follow, in the order of their offsets.
var (
	Header = []Field{{HeaderCommandLine, Number, Strings}, {HeaderFilter, Number, Filters}}
	Fields = [Tables][]Field{
		Rooms: {
			{RoomName, Number, Strings}, {RoomHostname, Number, Strings}, {RoomDirectory, Number, Strings},
			{RoomFilter, Number, Filters},
			{RoomArgv, List, Words}, {RoomEnvironment, Sorted, Words}, {RoomAfter, Sorted, After},
			{RoomGroups, Sorted, Groups}, {RoomCgroup, Sorted, Settings}, {RoomRlimits, Sorted, Rlimits},
			{RoomMounts, Sorted, Mounts}, {RoomBinds, Sorted, Binds}, {RoomFiles, Sorted, Files},
			{RoomSockets, Sorted, Sockets}, {RoomPaths, Sorted, Paths}, {RoomPorts, Sorted, Ports},
		},
		Invariants: {{InvariantPath, Number, Strings}, {InvariantText, Number, Strings}, {InvariantZero, Zero, 0}},
		Words:      {{0, Number, Strings}},
		After:      {{0, Number, Rooms}},
		Settings:   {{SettingFile, Number, Strings}, {SettingValue, Number, Strings}},
		Rlimits:    {{RlimitReserved, Zero, 0}},
		Mounts: {
			{MountTarget, Number, Strings}, {MountType, Number, Strings}, {MountOptions, Sorted, Options},
			{MountPartition, Number, Strings}, {MountReserved, Zero, 0},
		},
		Options: {{OptionKey, Number, Strings}, {OptionValue, Number, Strings}},
		Binds:   {{BindTarget, Number, Strings}, {BindSource, Number, Strings}},
		Files:   {{FileTarget, Number, Strings}, {FileContent, Number, Strings}},
		Sockets: {{SocketName, Number, Strings}, {SocketPath, Number, Strings}},
		Paths:   {{PathPath, Number, Strings}, {PathReserved, Zero, 0}},
		Ports:   {{PortPort, Short, 0}, {PortReserved, Zero, 0}},
	}
)

// Ascending are the tables whose records ascend as a whole: what they hold belongs
// to the machine.
var Ascending = []int{Rooms, Invariants}
