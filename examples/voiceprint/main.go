// Command voiceprint keeps the voices of two people in a group, finds out who speaks in a recording, and cleans up.
//
//	go run ./examples/voiceprint [ALICE.wav BOB.wav WHO.wav]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn), and three recordings are needed: PCM of 16 bits, 16,000 Hz, one channel.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/recording"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, files []string) (err error) {
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
	}
	if len(files) != 3 {
		if srv == nil {
			return errors.New("name three WAV files: one of each of two people, and one of either")
		}
		files = []string{"200 Hz", "120 Hz", "200 Hz"}
	}
	prints := client.Audio.Voiceprints
	group, err := prints.Groups.Create(ctx, coze.CreateVoiceprintGroupRequest{Name: "family", Desc: "of an example"})
	if err != nil {
		return err
	}
	fmt.Println("group:    ", group.ID)
	defer func() {
		gone := prints.Groups.Delete(context.WithoutCancel(ctx), group.ID)
		fmt.Println("deleted:  ", group.ID)
		err = errors.Join(err, gone)
	}()
	for i, name := range []string{"Alice", "Bob"} {
		if err := remember(ctx, client, group.ID, name, files[i]); err != nil {
			return err
		}
	}
	for f, err := range prints.Features.All(ctx, group.ID, coze.ListVoiceprintFeaturesRequest{}) {
		if err != nil {
			return err
		}
		fmt.Printf("known:     %s %s\n", f.ID, f.Name)
	}
	return identify(ctx, client, group.ID, files[2])
}

// remember adds the voice of a person.
func remember(ctx context.Context, client *coze.Client, group, name, path string) error {
	r, err := open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	made, err := client.Audio.Voiceprints.Features.Create(ctx, group, coze.CreateVoiceprintFeatureRequest{
		Name: name, File: coze.Upload{Name: name + ".wav", Reader: r},
	})
	if err != nil {
		return err
	}
	_, err = client.Audio.Voiceprints.Features.Update(ctx, group, made.ID, coze.UpdateVoiceprintFeatureRequest{
		Desc: "speaks in an example",
	})
	return err
}

// identify tells who speaks.
func identify(ctx context.Context, client *coze.Client, group, path string) error {
	r, err := open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	found, err := client.Audio.Voiceprints.Identify(ctx, group, coze.IdentifySpeakerRequest{
		File: coze.Upload{Name: "who.wav", Reader: r}, TopK: coze.Ptr(int32(2)),
	})
	if err != nil {
		return err
	}
	for _, m := range found.FeatureScoreList {
		fmt.Printf("like:      %s, %.1f of 100\n", m.FeatureName, m.Score)
	}
	if len(found.FeatureScoreList) == 0 {
		return errors.New("nobody is like that")
	}
	return nil
}

// open opens a recording, or makes one of a pitch.
func open(path string) (io.ReadCloser, error) {
	var pitch float64
	if _, err := fmt.Sscanf(path, "%f Hz", &pitch); err == nil {
		return io.NopCloser(bytes.NewReader(recording.Voicelike(16000, pitch, time.Second))), nil
	}
	return recording.Open(path)
}
