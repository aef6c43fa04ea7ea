package cozetest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const workspace = cozetest.DefaultWorkspaceID

// asStrings sends the header that operations on documents need.
type asStrings struct{ next http.RoundTripper }

func (a asStrings) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Agw-Js-Conv", "str")
	return a.next.RoundTrip(r)
}

func knowledgeClient(t testing.TB, s *cozetest.Server) *client {
	c := newClient(t, s)
	c.http = &http.Client{Transport: asStrings{http.DefaultTransport}}
	return c
}

// field gathers a field of the objects of a list.
func field(t testing.TB, list any, name string) string {
	t.Helper()
	items, ok := list.([]any)
	if !ok {
		t.Fatalf("got %v, want a list", list)
	}
	got := make([]any, 0, len(items))
	for _, v := range items {
		got = append(got, v.(obj)[name])
	}
	return fmt.Sprint(got)
}

func newDataset(c *client, format int) string {
	return c.ok("POST", "/v1/datasets", obj{"name": "kb", "space_id": workspace, "format_type": format}).str("dataset_id")
}

// textFile is an entry of CreateDocuments.
func textFile(name, content string) obj {
	return obj{"name": name, "source_info": obj{"file_base64": base64.StdEncoding.EncodeToString([]byte(content)), "file_type": "txt"}}
}

func webPage(name string) obj {
	return obj{"name": name, "source_info": obj{"web_url": "https://example.com/page", "document_source": 1}}
}

func uploaded(name, fileID string) obj {
	return obj{"name": name, "source_info": obj{"source_file_id": fileID, "document_source": 5}}
}

// documents is the body of CreateDocuments.
func documents(dataset string, format int, bases ...obj) obj {
	return obj{"dataset_id": dataset, "format_type": format, "chunk_strategy": obj{"chunk_type": 0, "caption_type": 1}, "document_bases": bases}
}

const (
	createDocuments = "/open_api/knowledge/document/create"
	listDocuments   = "/open_api/knowledge/document/list"
	updateDocument  = "/open_api/knowledge/document/update"
	deleteDocuments = "/open_api/knowledge/document/delete"
)

func TestDatasets(t *testing.T) {
	t.Parallel()
	c := knowledgeClient(t, cozetest.NewServer(t))
	var ids []string
	for i := range 5 {
		r := c.ok("POST", "/v1/datasets", obj{
			"name": fmt.Sprint("kb", i), "space_id": workspace, "format_type": i % 2 * 2, "description": "d",
		})
		ids = append(ids, r.str("dataset_id"))
	}
	c.ok("POST", "/v1/datasets", obj{"name": "of an app", "space_id": workspace, "format_type": 0, "project_id": "77"})
	for _, tc := range []struct{ query, want string }{
		{"", "[kb4 kb3 kb2 kb1 kb0] 5"},
		{"&page_size=2&page_num=2", "[kb2 kb1] 5"},
		{"&page_size=2&page_num=4", "[] 5"},
		{"&format_type=2", "[kb3 kb1] 2"},
		{"&format_type=0&name=b4", "[kb4] 1"},
		{"&format_type=4", "[] 0"},
		{"&project_id=77", "[of an app] 1"},
	} {
		r := c.ok("GET", "/v1/datasets?space_id="+workspace+tc.query, nil)
		if got := fmt.Sprint(field(t, r.Data["dataset_list"], "name"), " ", r.Data["total_count"]); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.query, got, tc.want)
		}
	}
	c.ok("POST", createDocuments, documents(ids[0], 0, textFile("a.txt", "12345"), textFile("b.txt", "123")))
	icon := c.ok("POST", "/v1/files/upload", newUpload([3]string{"file", "i.png", "x"})).str("id")
	c.ok("PUT", "/v1/datasets/"+ids[0], obj{"name": "new", "file_id": icon})
	d := c.ok("GET", "/v1/datasets?name=new&space_id="+workspace, nil).Data["dataset_list"].([]any)[0].(obj)
	if d["description"] != "" || d["doc_count"] != 2.0 || d["all_file_size"] != "8" || fmt.Sprint(d["processing_file_list"]) != "[a.txt b.txt]" {
		t.Errorf("got %v", d)
	}
	c.ok("DELETE", "/v1/datasets/"+ids[0], nil)
	if r := c.do("POST", listDocuments, obj{"dataset_id": ids[0]}); r.Code != 4200 {
		t.Errorf("got %s for a deleted dataset", r.text)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	c := knowledgeClient(t, cozetest.NewServer(t))
	d := newDataset(c, 0)
	file := c.ok("POST", "/v1/files/upload", newUpload([3]string{"file", "r.PDF", "hello"})).str("id")
	var ids []string
	for _, base := range []obj{textFile("a.txt", "hello"), webPage("page"), uploaded("r.pdf", file), textFile("bad.txt", "x")} {
		r := c.ok("POST", createDocuments, documents(d, 0, base))
		ids = append(ids, r.all["document_infos"].([]any)[0].(obj)["document_id"].(string))
	}
	for _, tc := range []struct {
		body obj
		want string
	}{
		{obj{}, "[bad.txt r.pdf page a.txt] [0 5 1 0] 4"},
		{obj{"page": 0, "size": 3}, "[bad.txt r.pdf page] [0 5 1] 4"},
		{obj{"page": 2, "size": 3}, "[a.txt] [0] 4"},
		{obj{"keyword": "txt", "document_ids": ids[:2]}, "[a.txt] [0] 1"},
	} {
		tc.body["dataset_id"] = d
		r := c.ok("POST", listDocuments, tc.body)
		list := r.all["document_infos"]
		if got := fmt.Sprint(field(t, list, "name"), " ", field(t, list, "source_type"), " ", r.all["total"]); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.body, got, tc.want)
		}
	}
	look := func() (string, []any) {
		r := c.ok("POST", "/v1/datasets/"+d+"/process", obj{"document_ids": []string{ids[0], ids[3]}})
		list := r.Data["data"].([]any)
		return fmt.Sprint(field(t, list, "progress"), " ", field(t, list, "status")), list
	}
	for i, want := range []string{"[0 0] [0 0]", "[50 50] [0 0]", "[100 50] [1 9]", "[100 50] [1 9]"} {
		got, list := look()
		if got != want {
			t.Errorf("look %d: got %s, want %s", i, got, want)
		}
		if reason := list[1].(obj)["status_descript"]; (reason != nil) != (i >= 2) {
			t.Errorf("look %d: got reason %v", i, reason)
		}
	}
	r := c.ok("GET", "/v1/datasets?space_id="+workspace, nil).Data["dataset_list"].([]any)[0].(obj)
	if fmt.Sprint(r["failed_file_list"], r["processing_file_list"], r["slice_count"]) != "[bad.txt] [page r.pdf] 1" {
		t.Errorf("got %v", r)
	}
	c.ok("POST", updateDocument, obj{"document_id": ids[1], "document_name": "new", "update_rule": obj{"update_type": 1, "update_interval": 24}})
	list := c.ok("POST", listDocuments, obj{"dataset_id": d, "keyword": "new"}).all["document_infos"]
	if field(t, list, "update_interval") != "[24]" {
		t.Errorf("got %v", list)
	}
	c.ok("POST", deleteDocuments, obj{"document_ids": ids[1:3]})
	if r := c.ok("POST", listDocuments, obj{"dataset_id": d}); r.all["total"] != 2.0 {
		t.Errorf("got %s after deleting two", r.text)
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	c := knowledgeClient(t, cozetest.NewServer(t))
	d := newDataset(c, 2)
	file := c.ok("POST", "/v1/files/upload", newUpload([3]string{"file", "cat.png", "hello"})).str("id")
	described := uploaded("b.png", file)
	described["caption"] = "a cat"
	body := documents(d, 2, uploaded("a.png", file), described, uploaded("c.png", file))
	infos := c.ok("POST", createDocuments, body).all["document_infos"].([]any)
	id := infos[0].(obj)["document_id"].(string)
	body["chunk_strategy"], body["document_bases"] = obj{"caption_type": 0}, []obj{uploaded("auto.png", file)}
	auto := c.ok("POST", createDocuments, body).all["document_infos"].([]any)[0].(obj)["document_id"].(string)
	list := func(query string) string {
		r := c.ok("GET", "/v1/datasets/"+d+"/images"+query, nil)
		return fmt.Sprint(field(t, r.Data["photo_infos"], "name"), " ", r.Data["total_count"])
	}
	check := func(query, want string) {
		t.Helper()
		if got := list(query); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
	check("", "[auto.png c.png b.png a.png] 4")
	check("?page_size=3&page_num=2", "[a.png] 4")
	check("?has_caption=true", "[b.png] 1")
	check("?has_caption=false&page_size=2", "[auto.png c.png] 3")
	c.ok("PUT", "/v1/datasets/"+d+"/images/"+id, obj{"caption": "a dog"})
	check("?keyword=dog", "[a.png] 1")
	for range 3 {
		c.ok("POST", "/v1/datasets/"+d+"/process", obj{"document_ids": []string{auto}})
	}
	check("?has_caption=true", "[auto.png b.png a.png] 3")
}

func TestKnowledgeRefusals(t *testing.T) {
	t.Parallel()
	c := knowledgeClient(t, cozetest.NewServer(t))
	text, images := newDataset(c, 0), newDataset(c, 2)
	pdf := c.ok("POST", "/v1/files/upload", newUpload([3]string{"file", "r.pdf", "hello"})).str("id")
	png := c.ok("POST", "/v1/files/upload", newUpload([3]string{"file", "r.png", "hello"})).str("id")
	doc := c.ok("POST", createDocuments, documents(text, 0, textFile("a", "x"))).all["document_infos"].([]any)[0].(obj)["document_id"]
	strategy := func(s obj, format int, base obj) obj {
		b := documents(map[int]string{0: text, 2: images}[format], format, base)
		b["chunk_strategy"] = s
		return b
	}
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"foreign workspace", "POST", "/v1/datasets", obj{"name": "x", "space_id": "99", "format_type": 0}, 4101},
		{"foreign workspace to list", "GET", "/v1/datasets?space_id=99", nil, 4101},
		{"no name", "POST", "/v1/datasets", obj{"name": "", "space_id": workspace, "format_type": 0}, 4000},
		{"unknown icon", "POST", "/v1/datasets", obj{"name": "x", "space_id": workspace, "format_type": 0, "file_id": "99"}, 4200},
		{"unknown dataset to change", "PUT", "/v1/datasets/99", obj{"name": "x"}, 4200},
		{"unknown dataset to delete", "DELETE", "/v1/datasets/99", nil, 4200},
		{"unknown dataset of a document", "POST", createDocuments, documents("99", 0, textFile("a", "x")), 4200},
		{"other format", "POST", createDocuments, documents(text, 2, textFile("a", "x")), 4000},
		{"two kinds of sources", "POST", createDocuments, documents(text, 0, textFile("a", "x"), webPage("b")), 4000},
		{"no source", "POST", createDocuments, documents(text, 0, obj{"name": "a", "source_info": obj{}}), 4000},
		{"page without document_source", "POST", createDocuments,
			documents(text, 0, obj{"name": "a", "source_info": obj{"web_url": "https://example.com"}}), 4000},
		{"no URL", "POST", createDocuments,
			documents(text, 0, obj{"name": "a", "source_info": obj{"web_url": "example", "document_source": 1}}), 4000},
		{"no base64", "POST", createDocuments,
			documents(text, 0, obj{"name": "a", "source_info": obj{"file_base64": "?", "file_type": "txt"}}), 4000},
		{"other file type", "POST", createDocuments,
			documents(text, 0, obj{"name": "a", "source_info": obj{"file_base64": "eA==", "file_type": "exe"}}), 4303},
		{"unknown file", "POST", createDocuments, documents(text, 0, uploaded("a", "99")), 4200},
		{"picture as text", "POST", createDocuments, documents(text, 0, uploaded("a", png)), 4303},
		{"text as picture", "POST", createDocuments, documents(images, 2, uploaded("a", pdf)), 4303},
		{"picture in base64", "POST", createDocuments, documents(images, 2, textFile("a", "x")), 4000},
		{"first picture without caption_type", "POST", createDocuments, strategy(obj{}, 2, uploaded("a", png)), 4000},
		{"rules without separator", "POST", createDocuments, strategy(obj{"chunk_type": 1, "max_tokens": 100}, 0, textFile("a", "x")), 4000},
		{"short segments", "POST", createDocuments, strategy(obj{"chunk_type": 1, "separator": "\n", "max_tokens": 99}, 0, textFile("a", "x")), 4000},
		{"rules", "POST", createDocuments, strategy(obj{"chunk_type": 1, "separator": "\n", "max_tokens": 100}, 0, textFile("a", "x")), 0},
		{"unknown document", "POST", updateDocument, obj{"document_id": "99"}, 4200},
		{"update_rule of a file", "POST", updateDocument, obj{"document_id": doc, "update_rule": obj{"update_type": 0}}, 4000},
		{"unknown document to delete", "POST", deleteDocuments, obj{"document_ids": []any{doc, "99"}}, 4200},
		{"nothing to delete", "POST", deleteDocuments, obj{"document_ids": []any{}}, 4000},
		{"negative page", "POST", listDocuments, obj{"dataset_id": text, "page": -1}, 4000},
		{"no size", "POST", listDocuments, obj{"dataset_id": text, "size": 0}, 4000},
		{"progress of nothing", "POST", "/v1/datasets/" + text + "/process", obj{"document_ids": []any{}}, 4000},
		{"progress of another dataset", "POST", "/v1/datasets/" + images + "/process", obj{"document_ids": []any{doc}}, 4200},
		{"images of a text dataset", "GET", "/v1/datasets/" + text + "/images", nil, 4000},
		{"unknown image", "PUT", "/v1/datasets/" + images + "/images/99", obj{"caption": "x"}, 4200},
		{"it is still there", "POST", updateDocument, obj{"document_id": doc, "document_name": "b"}, 0},
	} {
		if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want || r.status != http.StatusOK {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}
