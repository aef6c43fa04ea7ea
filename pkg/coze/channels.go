package coze

// Ids of channels, which requests call connectors. Channels of your own have ids of their own.
const (
	ChannelAPI       = "1024"     // calls of the API; the default
	ChannelChatSDK   = "999"      // the Chat SDK, a widget in web pages
	ChannelWebSDK    = "998"      // the older Web SDK
	ChannelCozeStore = "10000122" // the store of the platform
)
