package run

func Run() { client.Notes.Create(ctx) }
