package cozetest

import (
	"path"
	"slices"
	"strings"
)

var fileHandlers = map[string]handler{
	"RetrieveFile": (*exchange).retrieveFile,
	"UploadFile":   (*exchange).uploadFile,
}

type file struct {
	ID        string `json:"id"`
	Bytes     int64  `json:"bytes"`
	CreatedAt int64  `json:"created_at"`
	FileName  string `json:"file_name"`
	owner     string
}

const maxFile = 512 << 20 // bytes

// fileFormats are the extensions that the platform takes.
var fileFormats = strings.Fields(`doc docx xls xlsx ppt pptx pdf numbers csv cpp py java c jpg jpg2 jpeg png gif webp heic heif bmp
	pcd tiff wav mp3 flac m4a aac ogg wma midi mp4 avi mov 3gp 3gpp flv webm wmv rmvb m4v mkv rar zip 7z gz gzip bz2`)

func (x *exchange) uploadFile() (any, error) {
	parts, err := x.readParts()
	if err != nil {
		return nil, err
	}
	uploads := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.name != "file" })
	switch {
	case len(uploads) == 0:
		return nil, refuse(codeFileMissing, "no file: send it as part file")
	case len(uploads) > 1:
		return nil, refuse(codeTooManyFiles, "%d files in one request", len(uploads))
	}
	if err := x.checkParts(parts); err != nil {
		return nil, err
	}
	up := uploads[0]
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(up.filename), "."))
	switch {
	case up.size > maxFile:
		return nil, refuse(codeFileTooLarge, "%s has %d bytes, the limit is %d", up.filename, up.size, maxFile)
	case !slices.Contains(fileFormats, extension):
		return nil, refuse(codeFileFormat, "files of format %q are not supported", extension)
	}
	f := &file{ID: x.srv.ids.next(), Bytes: up.size, CreatedAt: x.srv.now(), FileName: up.filename, owner: x.caller.userID}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	st.files[f.ID] = f
	return f, nil
}

func (x *exchange) retrieveFile() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	f := st.files[x.query.Get("file_id")]
	if f == nil || f.owner != x.caller.userID {
		return nil, notFound("file", x.query.Get("file_id"))
	}
	return f, nil
}
