package coze_test

func TestNotes(t *testing.T) {
	client := newClient(t)
	covers := client.Notes.Covers
	covers.Upload(t.Context())
	newClient(t).Notes.Create(t.Context())
}
