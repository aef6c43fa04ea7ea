// Command cozegen writes everything that follows from api/openapi.yaml and api/errors.yaml: the models and services in
// gen/cozeapi, the error codes in pkg/call, the sensitive fields in internal/transport, and the aliases in pkg/coze.
//
//	go run ./cozegen -root ..
package main

import (
	"flag"
	"log"

	"github.com/cozekit/cozekit/tools/cozegen/generate"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("cozegen: ")
	root := flag.String("root", "..", "folder of the repository")
	check := flag.String("check", "", "only try whether this document can be generated")
	flag.Parse()
	if *check != "" {
		files, err := generate.API(*check, "check")
		if err != nil {
			log.Fatal(err)
		}
		log.Printf("OK: %d files", len(files))
		return
	}
	files, err := generate.Repository(*root)
	if err != nil {
		log.Fatal(err)
	}
	if err := files.Write(*root); err != nil {
		log.Fatal(err)
	}
}
