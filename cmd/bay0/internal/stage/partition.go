package stage

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// blockDevices is where the kernel lists disks and partitions.
const blockDevices = "/sys/class/block"

// findPartition gives the device node of the one partition with that GPT name.
// Two of one name are refused: which of them is meant, nobody here can tell, and
// anybody can plug in a second.
func findPartition(name string) (string, error) {
	entries, err := os.ReadDir(blockDevices)
	if err != nil {
		return "", err
	}
	found := ""
	for _, e := range entries {
		uevent, err := os.ReadFile(blockDevices + "/" + e.Name() + "/uevent")
		if err != nil {
			return "", err
		}
		if !slices.Contains(strings.Split(string(uevent), "\n"), "PARTNAME="+name) { // kernel: block/partitions
			continue
		}
		if found != "" {
			return "", fmt.Errorf("two partitions are named %s: %s and %s", name, found, e.Name())
		}
		found = e.Name()
	}
	if found == "" {
		return "", fmt.Errorf("no partition is named %s", name)
	}
	return "/dev/" + found, nil
}
