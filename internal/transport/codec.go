package transport

import (
	"errors"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The one seam to a JSON library: docs/json.md tells how it was chosen. Decoding accepts what encoding/json accepts
// (duplicate keys, invalid UTF-8, names in another case), and PascalCase for snake_case, which some answers have.
var (
	encodeOptions = json.JoinOptions(json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	decodeOptions = json.JoinOptions(
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), json.MatchCaseInsensitiveNames(true))
	laxOptions = json.JoinOptions(decodeOptions, json.WithUnmarshalers(json.UnmarshalFromFunc(lax)))
)

// Marshal encodes v as JSON.
func Marshal(v any) ([]byte, error) { return json.Marshal(v, encodeOptions) }

// Unmarshal decodes JSON into v. Where the types of the wire and of v do not agree it decodes once more and takes numbers
// for strings, numeric strings for numbers, and "" for an empty list or object, because Coze servers write some values
// either way.
func Unmarshal(data []byte, v any) error {
	if err := json.Unmarshal(data, v, decodeOptions); err != nil {
		return unmarshalLax(data, v, err)
	}
	return nil
}

// unmarshalLax is the second try after err. It is apart so that the first, which nearly always does, allocates nothing.
func unmarshalLax(data []byte, v any, err error) error {
	var mismatch *json.SemanticError
	if !errors.As(err, &mismatch) {
		return err
	}
	reflect.ValueOf(v).Elem().SetZero()
	if json.Unmarshal(data, v, laxOptions) == nil {
		return nil
	}
	return err
}

// lax decodes scalars of the neighbouring type and leaves everything else to the standard rules.
func lax(dec *jsontext.Decoder, v any) error {
	target := reflect.ValueOf(v).Elem()
	switch kind := dec.PeekKind(); {
	case target.Kind() == reflect.String && (kind == '0' || kind == 't' || kind == 'f'):
		val, err := dec.ReadValue()
		if err == nil {
			target.SetString(string(val))
		}
		return err
	case kind == '"' && target.Kind() != reflect.String:
		return laxFromText(dec, target)
	}
	return json.SkipFunc
}

// laxFromText reads a numeric or boolean string into a number or bool.
func laxFromText(dec *jsontext.Decoder, target reflect.Value) error {
	switch target.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64, reflect.Bool:
	case reflect.Slice, reflect.Map, reflect.Struct:
		return laxFromEmpty(dec, target)
	default:
		return json.SkipFunc
	}
	if target.CanAddr() && target.Addr().Type().Implements(unmarshaler) {
		return json.SkipFunc
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	return setScalar(target, tok.String())
}

// laxFromEmpty reads "" into an empty list or object.
func laxFromEmpty(dec *jsontext.Decoder, target reflect.Value) error {
	if target.Addr().Type().Implements(unmarshaler) {
		return json.SkipFunc
	}
	val, err := dec.ReadValue()
	if err == nil && string(val) != `""` {
		err = errors.New("a text in place of a list or an object")
	}
	target.SetZero()
	return err
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func setScalar(target reflect.Value, text string) (err error) {
	if text == "" {
		target.SetZero()
		return nil
	}
	switch target.Kind() {
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		target.SetFloat(f)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		target.SetBool(b)
	default:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		target.SetInt(n)
	}
	return err
}
