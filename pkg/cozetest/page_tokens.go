package cozetest

import "encoding/base64"

// pageByToken cuts the page of a token out of a list that is sorted by key, and makes the token of the next page, empty if there
// is none. A token names the last item of the page before, so that no item comes twice when others go.
func pageByToken[T any](list []T, key func(T) string, token string, size int) (items []T, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", refuse(codeInvalidParameter, "page_token %q was not handed out here", token)
	}
	items = []T{}
	for _, item := range list {
		if key(item) <= string(after) {
			continue
		}
		if len(items) == size {
			return items, base64.RawURLEncoding.EncodeToString([]byte(key(items[size-1]))), nil
		}
		items = append(items, item)
	}
	return items, "", nil
}
