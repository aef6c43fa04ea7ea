package coze

type TalksService struct {
	*cozeapi.TalksService

	url string
}

func (s *TalksService) CreateAndWait(ctx context.Context) error { return s.start(ctx) }

func (s *TalksService) start(ctx context.Context) error { return s.TalksService.Create(ctx) }

func (s *TalksService) URL() string { return s.url }
