package contract

import "github.com/cozekit/cozekit/api"

// Parse reads the document again, for measuring.
func Parse() error {
	_, err := parse(api.Compact)
	return err
}
