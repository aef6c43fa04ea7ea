module github.com/cozekit/cozekit/bench

go 1.26.0

replace github.com/cozekit/cozekit => ../

require (
	github.com/coder/websocket v1.8.15
	github.com/cozekit/cozekit v0.0.0-00010101000000-000000000000
	github.com/openai/openai-go/v3 v3.95.0
	github.com/tmaxmax/go-sse v0.11.0
)

require (
	github.com/go-json-experiment/json v0.0.0-20251027170946-4849db3c2f7e // indirect
	github.com/tidwall/gjson v1.20.0 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	golang.org/x/time v0.14.0 // indirect
)
