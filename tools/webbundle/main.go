// Command webbundle writes the script of the chat widget, which package widget embeds, from the TypeScript in web/src and the packages
// in web/vendor. It needs no Node.
//
//	go run ./webbundle -root ..
package main

import (
	"flag"
	"log"

	"github.com/cozekit/cozekit/tools/webbundle/bundle"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("webbundle: ")
	root := flag.String("root", "..", "folder of the repository")
	flag.Parse()
	if err := bundle.Write(*root); err != nil {
		log.Fatal(err)
	}
}
