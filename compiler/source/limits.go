package source

// What a file may hold at most. The limits stand before every reader: the reader
// that gives the values takes time and memory without bound on nested tables and
// long dotted keys (BurntSushi/toml#496), and overflows the stack on brackets.
const (
	maxFile   = 64 << 10 // bytes
	maxDepth  = 16       // tables and lists within one another
	maxParts  = 8        // parts of one dotted key
	maxValues = 2000     // keys and values
	maxRooms  = 4096     // directories
)
