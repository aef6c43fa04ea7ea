package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// WAVFormat describes the samples of a WAV file.
type WAVFormat struct {
	SampleRate    int // Hz
	Channels      int // 1 = mono
	BitsPerSample int // 16 for PCM of the platform, 8 for G.711
	Encoding      int // 1 = PCM, 6 = A-law, 7 = mu-law
}

// The values of [WAVFormat].Encoding that matter here.
const (
	WAVPCM   = 1
	WAVALaw  = 6
	WAVMuLaw = 7

	wavExtensible = 0xfffe
)

// WAVReader reads the samples of a WAV file of any size, also of one whose header does not tell the size, as a stream has it.
type WAVReader struct {
	WAVFormat
	r    io.Reader
	left int64 // bytes of samples; -1 = up to the end
}

// NewWAVReader reads the header of a WAV file from r.
func NewWAVReader(r io.Reader) (*WAVReader, error) {
	var h [12]byte
	if _, err := io.ReadFull(r, h[:]); err != nil || string(h[:4]) != "RIFF" || string(h[8:]) != "WAVE" {
		return nil, errors.Join(errNotWAV, err)
	}
	w := &WAVReader{r: r}
	for {
		var c [8]byte
		if _, err := io.ReadFull(r, c[:]); err != nil {
			return nil, fmt.Errorf("voice: the WAV file ends before its samples: %w", err)
		}
		size := int64(binary.LittleEndian.Uint32(c[4:]))
		switch string(c[:4]) {
		case "fmt ":
			if err := w.readFormat(size); err != nil {
				return nil, err
			}
		case "data":
			if w.SampleRate == 0 {
				return nil, errors.New("voice: the WAV file has no format before its samples")
			}
			if w.left = size; size == 0 || size >= unknownSize-wavHeaderBytes {
				w.left = -1
			}
			return w, nil
		default:
			if _, err := io.CopyN(io.Discard, r, size+size&1); err != nil {
				return nil, fmt.Errorf("voice: read a WAV file: %w", err)
			}
		}
	}
}

var errNotWAV = errors.New("voice: this is not a WAV file")

func (w *WAVReader) readFormat(size int64) error {
	if size < 16 || size > 1<<10 {
		return fmt.Errorf("voice: the format of the WAV file has %d bytes", size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return fmt.Errorf("voice: read a WAV file: %w", err)
	}
	le := binary.LittleEndian
	w.Encoding, w.Channels = int(le.Uint16(b)), int(le.Uint16(b[2:]))
	w.SampleRate, w.BitsPerSample = int(le.Uint32(b[4:])), int(le.Uint16(b[14:]))
	if w.Encoding == wavExtensible && size >= 26 {
		w.Encoding = int(le.Uint16(b[24:]))
	}
	if w.SampleRate == 0 || w.Channels == 0 {
		return errors.New("voice: the WAV file has no sample rate or no channels")
	}
	return nil
}

// Read reads bytes of samples. A file that is cut short ends with [io.ErrUnexpectedEOF].
func (w *WAVReader) Read(p []byte) (int, error) {
	if w.left < 0 {
		return w.r.Read(p)
	}
	if w.left == 0 {
		return 0, io.EOF
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

const (
	wavHeaderBytes = 44
	unknownSize    = 0xffffffff
)

// WAVWriter writes a WAV file as its samples come. A file of which the size is not known in advance says so in its header,
// which players accept; if the writer can seek, as a file can, Close puts the size right.
type WAVWriter struct {
	w      io.Writer
	format WAVFormat
	size   int64
	begun  bool
	err    error
}

// NewWAVWriter returns a writer of a WAV file. Zero fields of f mean PCM of 16 bits, mono, 24,000 Hz: what the platform sends
// by default. The header is written with the first samples, or by Close.
func NewWAVWriter(w io.Writer, f WAVFormat) *WAVWriter {
	if f.Encoding == 0 {
		f.Encoding = WAVPCM
	}
	if f.BitsPerSample == 0 && f.Encoding == WAVPCM {
		f.BitsPerSample = 16
	} else if f.BitsPerSample == 0 {
		f.BitsPerSample = 8
	}
	if f.Channels == 0 {
		f.Channels = 1
	}
	if f.SampleRate == 0 {
		f.SampleRate = 24000
	}
	return &WAVWriter{w: w, format: f}
}

// Write writes bytes of samples.
func (w *WAVWriter) Write(p []byte) (int, error) {
	w.begin()
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.w.Write(p)
	w.size += int64(n)
	w.err = err
	return n, err
}

func (w *WAVWriter) begin() {
	if !w.begun {
		w.begun = true
		_, w.err = w.w.Write(w.header(unknownSize))
	}
}

// header is that of a file with size bytes of samples.
func (w *WAVWriter) header(size uint32) []byte {
	f := w.format
	frame := f.Channels * f.BitsPerSample / 8
	le := binary.LittleEndian
	b := append(make([]byte, 0, wavHeaderBytes), "RIFF"...)
	if size == unknownSize {
		b = le.AppendUint32(b, size)
	} else {
		b = le.AppendUint32(b, size+size&1+wavHeaderBytes-8)
	}
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(b, uint16(f.Encoding))
	b = le.AppendUint16(b, uint16(f.Channels))
	b = le.AppendUint32(b, uint32(f.SampleRate))
	b = le.AppendUint32(b, uint32(f.SampleRate*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, uint16(f.BitsPerSample))
	return le.AppendUint32(append(b, "data"...), size)
}

// Close completes the file. It does not close the writer below.
func (w *WAVWriter) Close() error {
	w.begin()
	if w.err == nil && w.size%2 == 1 {
		_, w.err = w.w.Write([]byte{0})
	}
	s, ok := w.w.(io.WriteSeeker)
	if w.err != nil || !ok || w.size >= unknownSize-wavHeaderBytes {
		return w.err
	}
	end, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil //nolint:nilerr // a pipe cannot seek though its type says so; the header is good as it is
	}
	if _, w.err = s.Seek(end-w.size-w.size%2-wavHeaderBytes, io.SeekStart); w.err == nil {
		_, w.err = s.Write(w.header(uint32(w.size)))
	}
	if w.err == nil {
		_, w.err = s.Seek(end, io.SeekStart)
	}
	return w.err
}
