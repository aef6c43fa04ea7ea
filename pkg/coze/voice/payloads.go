package voice

import "github.com/cozekit/cozekit/pkg/coze"

// payloads makes what the payload of a server's event is decoded into. A test compares it with the document; known events
// that are not in it have no payload.
var payloads = map[coze.SocketEventType]func() any{
	coze.SocketEventError: payload[coze.SocketError],

	// dialogues
	coze.SocketEventChatUpdated:                          payload[coze.ChatUpdate],
	coze.SocketEventConversationChatCreated:              payload[coze.Chat],
	coze.SocketEventConversationChatInProgress:           payload[coze.Chat],
	coze.SocketEventConversationChatCompleted:            payload[coze.Chat],
	coze.SocketEventConversationChatFailed:               payload[coze.Chat],
	coze.SocketEventConversationChatRequiresAction:       payload[coze.Chat],
	coze.SocketEventConversationChatCanceled:             payload[coze.ConversationChatCanceled],
	coze.SocketEventConversationMessageDelta:             payload[coze.Message],
	coze.SocketEventConversationMessageCompleted:         payload[coze.Message],
	coze.SocketEventConversationAudioDelta:               payload[audioMessage],
	coze.SocketEventConversationAudioCompleted:           payload[coze.Message],
	coze.SocketEventConversationAudioSentenceStart:       payload[coze.ConversationAudioSentenceStart],
	coze.SocketEventConversationAudioTranscriptUpdate:    payload[coze.ConversationAudioTranscript],
	coze.SocketEventConversationAudioTranscriptCompleted: payload[coze.ConversationAudioTranscript],
	coze.SocketEventDumpAudio:                            payload[coze.DumpAudio],

	// speech, transcription, interpretation
	coze.SocketEventSpeechUpdated:                          payload[coze.SpeechUpdate],
	coze.SocketEventSpeechAudioUpdate:                      payload[coze.AudioDelta],
	coze.SocketEventTranscriptionsUpdated:                  payload[coze.TranscriptionsUpdate],
	coze.SocketEventTranscriptionsMessageUpdate:            payload[coze.TranscriptionsMessageUpdate],
	coze.SocketEventSimultInterpretationUpdated:            payload[coze.SimultUpdate],
	coze.SocketEventSimultInterpretationAudioDelta:         payload[coze.AudioDelta],
	coze.SocketEventSimultInterpretationTranscriptionDelta: payload[coze.SimultTextDelta],
	coze.SocketEventSimultInterpretationTranslationDelta:   payload[coze.SimultTextDelta],

	// rooms
	coze.SocketEventSessionCreated:                    payload[coze.RTCSessionCreated],
	coze.SocketEventSessionUpdated:                    payload[coze.RTCSessionUpdate],
	coze.SocketEventConversationCreated:               payload[coze.RTCConversationCreated],
	coze.SocketEventSessionPreAnswerUpdated:           payload[coze.RTCPreAnswerUpdated],
	coze.SocketEventConversationChatPreAnswer:         payload[coze.RTCChatPreAnswer],
	coze.SocketEventConversationAudioTranscriptDelta:  payload[coze.ConversationAudioTranscript],
	coze.SocketEventModeUpdated:                       payload[coze.RTCModeUpdated],
	coze.SocketEventLiveCreated:                       payload[coze.RTCLiveCreated],
	coze.SocketEventConversationAudioTranslationDelta: payload[coze.RTCAudioTranslation],
}

func payload[T any]() any { return new(T) }
