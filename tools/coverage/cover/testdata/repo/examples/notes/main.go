package main

func main() {
	for note := range client.Notes.All(ctx, coze.ListNotesRequest{}) {
		fmt.Println(note)
	}
	retry(client.Talks.CreateAndWait)
	other.Create(ctx)
}
