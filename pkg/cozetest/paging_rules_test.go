package cozetest_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestPagingLimits asks each operation that pages for one item more than a page can have, and for what is before the first page.
func TestPagingLimits(t *testing.T) {
	t.Parallel()
	doc, err := cozetest.LoadCompact()
	if err != nil {
		t.Fatal(err)
	}
	srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.ExpectViolations())
	c := memoryClient(t, srv)
	checked := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for _, p := range op.Parameters {
				name, limits := p.Value.Name, p.Value.Schema.Value
				values := []float64{}
				switch name {
				case "page_size", "page_num", "page_index", "limit", "size":
				default:
					continue
				}
				if limits.Max != nil {
					values = append(values, *limits.Max+1)
				}
				if limits.Min != nil {
					values = append(values, *limits.Min-1)
				}
				for _, v := range values {
					query := url.Values{name: {fmt.Sprint(v)}}
					if r := c.do(method, path+"?"+query.Encode(), nil); r.Code != 4000 {
						t.Errorf("%s: %s: got %s", op.OperationID, query.Encode(), r.text)
					}
					checked++
				}
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d limits were found", checked)
	}
}
