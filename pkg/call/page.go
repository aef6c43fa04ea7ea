package call

// Page is one page of a list.
type Page[T any] struct {
	Items   []T    // what the page holds; may be empty although more pages follow
	Total   int64  // number of items on all pages, -1 where the platform does not say
	HasMore bool   // more pages follow; computed from Total where the platform has no such field
	Next    string // token or id that fetches the next page, for lists that page so; else ""
	First   string // id of the first item, for lists that page by id; fetches the page before
}
