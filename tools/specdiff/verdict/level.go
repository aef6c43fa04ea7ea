package verdict

import "fmt"

// Level is the part of a semantic version that a change raises.
type Level int

// The levels, in their order. None means that nothing differs that a user could notice or read.
const (
	None Level = iota
	Patch
	Minor
	Major
)

var levelNames = [...]string{"none", "patch", "minor", "major"}

// String is the level in lower case.
func (l Level) String() string { return levelNames[l] }

// ExitStatus is 0 for none and patch, 10 for minor, 20 for major.
func (l Level) ExitStatus() int {
	switch l {
	case Minor:
		return 10
	case Major:
		return 20
	default:
		return 0
	}
}

// MarshalText writes the level as its name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// ParseLevel reads the name of a level.
func ParseLevel(name string) (Level, error) {
	for i, n := range levelNames {
		if n == name {
			return Level(i), nil
		}
	}
	return None, fmt.Errorf("%q is not none, patch, minor or major", name)
}
