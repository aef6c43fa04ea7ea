package transport

import (
	"errors"
	"fmt"
	"iter"

	"github.com/cozekit/cozekit/pkg/call"
)

// maxEmptyPages is how many pages without items a walk bears in a row while the server says that more follow.
const maxEmptyPages = 50

var errEmptyPages = errors.New("coze: the server says again and again that more pages follow, and sends empty ones")

// walker yields items page by page. It goes on past an empty page, because servers filter pages after cutting them.
type walker[T any] struct {
	yield func(T, error) bool
	empty int
}

// deliver yields the items of a page and tells whether to go on.
func (w *walker[T]) deliver(p *call.Page[T], err error) bool {
	if err == nil && len(p.Items) == 0 {
		if w.empty++; w.empty > maxEmptyPages {
			err = errEmptyPages
		}
	} else {
		w.empty = 0
	}
	if err != nil {
		var zero T
		w.yield(zero, err)
		return false
	}
	for _, item := range p.Items {
		if !w.yield(item, nil) {
			return false
		}
	}
	return true
}

type number interface{ ~int32 | ~int64 }

// WalkPages walks pages that are counted from 1 while the server says that more follow.
func WalkPages[T any, N number](first *N, fetch func(page *N) (*call.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walker[T]{yield: yield}
		for page := firstPage(first); ; page++ {
			n := page
			p, err := fetch(&n)
			if !w.deliver(p, err) || !p.HasMore {
				return
			}
		}
	}
}

// WalkPagesByTotal walks counted pages of lists that tell only how many items there are, until so many have come or a
// page is empty. The size of a page says nothing: servers cap it.
func WalkPagesByTotal[T any, N number](first *N, fetch func(page *N) (*call.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walker[T]{yield: yield}
		var seen int64
		for page := firstPage(first); ; page++ {
			n := page
			p, err := fetch(&n)
			if !w.deliver(p, err) {
				return
			}
			if seen += int64(len(p.Items)); len(p.Items) == 0 || seen >= p.Total {
				return
			}
		}
	}
}

func firstPage[N number](first *N) N {
	if first == nil || *first < 1 {
		return 1
	}
	return *first
}

// WalkTokens walks pages that name the token of the next one. A token that comes again ends the walk with an error.
func WalkTokens[T any](first string, fetch func(token string) (*call.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walker[T]{yield: yield}
		seen := map[string]bool{}
		for token := first; ; {
			p, err := fetch(token)
			if !w.deliver(p, err) || !p.HasMore || p.Next == "" {
				return
			}
			if seen[p.Next] || p.Next == token {
				w.deliver(nil, fmt.Errorf("coze: the server sent the page token %q twice", p.Next))
				return
			}
			seen[token], token = true, p.Next
		}
	}
}

// WalkIDs walks pages that are cut at item ids: forward from after, or backward if only before is given.
func WalkIDs[T any](after, before string, fetch func(after, before string) (*call.Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walker[T]{yield: yield}
		after, before := after, before
		backward := before != "" && after == ""
		for {
			p, err := fetch(after, before)
			if !w.deliver(p, err) || !p.HasMore {
				return
			}
			cursor, next := &after, p.Next
			if backward {
				cursor, next = &before, p.First
			}
			if next == "" {
				return
			}
			if next == *cursor {
				w.deliver(nil, fmt.Errorf("coze: the server sent the page from id %q twice", next))
				return
			}
			*cursor = next
		}
	}
}

// MoreAfter tells whether a page of a list that gives only a total is followed by another. usual is the size of a page
// that the request does not set.
func MoreAfter[N number](items int, page, size *N, usual, total int64) bool {
	if size != nil {
		usual = int64(*size)
	}
	return items > 0 && int64(firstPage(page)-1)*usual+int64(items) < total
}
