// Starts the program that was compiled from page/main.go.
const go = new Go();
const { instance } = await WebAssembly.instantiateStreaming(fetch('page.wasm'), go.importObject);
await go.run(instance);
