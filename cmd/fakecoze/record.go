package main

import (
	"net/http"

	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

// recorded is the platform, with a recorder before it if -record asks for one. Requests to the program itself are not recorded.
func (s *service) recorded() (http.Handler, error) {
	if s.flags.record == "" {
		return s.platform, nil
	}
	var err error
	s.recorder, err = recording.NewHandler(s.flags.record, s.platform)
	return s.recorder, err
}

// endRecording tells what could not be written.
func (s *service) endRecording() error {
	if s.recorder == nil {
		return nil
	}
	return s.recorder.Close()
}
