package cozetest

// resources is the part of the state that is about what bots and their owners use. The mutex of the state guards it. Lists are in
// the order in which things were made.
type resources struct {
	datasets    []*dataset
	connectors  map[string]*Connector
	limitations []*limitation
	bills       []*billTask
	apiApps     []*apiApp
	voices      []*voice
	voiceprints []*voiceprintGroup
}

func newResources(now int64) resources {
	return resources{connectors: map[string]*Connector{}, voices: newVoices(now)}
}
