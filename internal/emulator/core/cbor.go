package core

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// The protocol Smithy RPC v2 CBOR names service and operation in its path, and has JSON's data model in another
// encoding: requests are read as JSON, so that everybody who looks into them can.
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html

// operationOf takes a path apart: /service/NAME/operation/NAME.
func operationOf(h *http.Request) (service, operation string) {
	parts := strings.Split(strings.Trim(h.URL.Path, "/"), "/")
	if len(parts) != 4 || parts[0] != "service" || parts[2] != "operation" {
		return "", h.URL.Path
	}
	return parts[1], parts[3]
}

// cborToJSON is a body as JSON.
func cborToJSON(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	v, err := cbor.Decode(body)
	if err != nil {
		return nil, Errorf("SerializationException", "%v", err)
	}
	tree, err := plain(v)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// plain is a value as JSON has it. What no service of the emulator takes is refused.
func plain(v cbor.Value) (any, error) {
	switch v := v.(type) {
	case cbor.Map:
		out := map[string]any{}
		for k, x := range v {
			var err error
			if out[k], err = plain(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	case cbor.List:
		out := make([]any, len(v))
		for i, x := range v {
			var err error
			if out[i], err = plain(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	case cbor.String:
		return string(v), nil
	case cbor.Uint:
		return uint64(v), nil
	case cbor.Bool:
		return bool(v), nil
	case nil, *cbor.Nil:
		return nil, nil //nolint:nilnil // JSON's null
	default:
		return nil, Errorf("SerializationException", "The emulator does not support CBOR's %T.", v)
	}
}

// encodeCBOR writes an answer.
func encodeCBOR(out any) ([]byte, error) {
	tree, _, err := jsonTree(reflect.ValueOf(out), style{times: true})
	if err != nil {
		return nil, err
	}
	v, err := packed(tree)
	if err != nil {
		return nil, err
	}
	return cbor.Encode(v), nil
}

// epochTag is the tag of a time in seconds, https://www.rfc-editor.org/rfc/rfc8949.html#section-3.4.2
const epochTag = 1

func packed(tree any) (cbor.Value, error) {
	switch v := tree.(type) {
	case map[string]any:
		out := cbor.Map{}
		for k, x := range v {
			var err error
			if out[k], err = packed(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make(cbor.List, len(v))
		for i, x := range v {
			var err error
			if out[i], err = packed(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	case time.Time:
		return &cbor.Tag{ID: epochTag, Value: cbor.Float64(float64(v.UnixMilli()) / 1000)}, nil
	case string:
		return cbor.String(v), nil
	case bool:
		return cbor.Bool(v), nil
	}
	// An enum of the SDK, which is a text too.
	if v := reflect.ValueOf(tree); v.Kind() == reflect.String {
		return cbor.String(v.String()), nil
	}
	return nil, fmt.Errorf("can't encode %T", tree)
}
