package call

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

// UnixSeconds is a point in time in whole seconds since 1970-01-01 UTC. It decodes from a JSON number or a numeric string,
// null and "" count as 0; milliseconds, which some servers send in the same field, are recognised by their size.
type UnixSeconds int64

// Time converts to a [time.Time]; 0 becomes the zero time.
func (s UnixSeconds) Time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0)
}

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (s *UnixSeconds) UnmarshalJSON(b []byte) error {
	n, err := parseUnix(b)
	if n >= firstMillis || n <= -firstMillis {
		n /= 1000
	}
	*s = UnixSeconds(n)
	return err
}

// UnixMillis is a point in time in milliseconds since 1970-01-01 UTC. It decodes like [UnixSeconds]; seconds in its place
// are recognised by their size.
type UnixMillis int64

// Time converts to a [time.Time]; 0 becomes the zero time.
func (m UnixMillis) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m))
}

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (m *UnixMillis) UnmarshalJSON(b []byte) error {
	n, err := parseUnix(b)
	if n < firstMillis && n > -firstMillis {
		n *= 1000
	}
	*m = UnixMillis(n)
	return err
}

// firstMillis tells seconds from milliseconds: as seconds it is the year 10000, as milliseconds January 1978. The platform
// writes the last second of the year 9999 for "never".
const firstMillis = 253_402_300_800

func parseUnix(b []byte) (int64, error) {
	b = bytes.Trim(b, `"`)
	if len(b) == 0 || string(b) == "null" {
		return 0, nil
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > math.MaxInt64/2 {
		return 0, fmt.Errorf("coze: %.40q is not a Unix time", b)
	}
	return int64(f), nil
}
