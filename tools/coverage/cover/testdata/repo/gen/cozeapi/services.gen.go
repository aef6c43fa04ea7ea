package cozeapi

type Services struct {
	Notes *NotesService
	Talks *TalksService
}

type NotesService struct {
	c *transport.Client

	Covers *NotesCoversService
}

var opListNotes = transport.Op{ID: "ListNotes", Method: "GET"}

func (s *NotesService) List(ctx context.Context, req ListNotesRequest) (*call.Page[Note], error) {
	r := transport.NewRequest(&opListNotes)
	return page(r)
}

func (s *NotesService) All(ctx context.Context, req ListNotesRequest) iter.Seq2[Note, error] {
	return transport.WalkPages(func() (*call.Page[Note], error) { return s.List(ctx, req) })
}

var opCreateNote = transport.Op{
	ID: "CreateNote", Method: "POST",
}

func (s *NotesService) Create(ctx context.Context) error { return do(&opCreateNote) }

type NotesCoversService struct {
	c *transport.Client
}

var opUploadCover = transport.Op{ID: "UploadCover", Method: "PUT"}

func (s *NotesCoversService) Upload(ctx context.Context) error { return do(&opUploadCover) }

type TalksService struct {
	c *transport.Client
}

var opCreateTalk = transport.Op{ID: "CreateTalk", Method: "POST"}

func (s *TalksService) Create(ctx context.Context) error { return do(&opCreateTalk) }
