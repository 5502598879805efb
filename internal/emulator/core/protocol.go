package core

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Protocol is one of AWS's wire protocols.
type Protocol int

// The protocols of the services the emulator speaks, see https://smithy.io/2.0/aws/protocols/.
const (
	EC2Query Protocol = iota + 1
	Query
	JSON10
	JSON11
	Rest
	RestJSON
	// RestXML is Rest with the errors of the query protocol, as Route 53 has them.
	RestXML
	// CBOR is Smithy RPC v2 in CBOR.
	CBOR
)

func (p Protocol) contentType() string {
	switch p {
	case JSON10:
		return "application/x-amz-json-1.0"
	case JSON11:
		return "application/x-amz-json-1.1"
	case RestJSON:
		return "application/json"
	case CBOR:
		return "application/cbor"
	default:
		return "text/xml;charset=UTF-8"
	}
}

func (p Protocol) decode(m *Mux, r *Request, in any) error {
	switch p {
	case EC2Query, Query:
		return decodeForm(m, r, in)
	case JSON10, JSON11, CBOR:
		return decodeJSON(r, in)
	default:
		return fmt.Errorf("a REST service decodes its own requests")
	}
}

// encode writes a successful answer.
func (p Protocol) encode(m *Mux, r *Request, out any) ([]byte, error) {
	switch p {
	case EC2Query:
		return encodeEC2(m, r, out)
	case Query:
		return encodeQuery(m, r, out)
	case CBOR:
		return encodeCBOR(out)
	default:
		if out == nil {
			return []byte("{}"), nil
		}
		return encodeJSON(m, out)
	}
}

// encodeError writes an error as the protocol has it.
func (p Protocol) encodeError(requestID string, e *Error) []byte {
	kind := "Sender"
	if e.status() >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	switch p {
	case EC2Query:
		type item struct{ Code, Message string }
		b, _ := xml.Marshal(struct {
			XMLName   xml.Name `xml:"Response"`
			Errors    []item   `xml:"Errors>Error"`
			RequestID string   `xml:"RequestID"`
		}{Errors: []item{{e.Code, e.Message}}, RequestID: requestID})
		return b
	case Query, RestXML:
		type item struct{ Type, Code, Message string }
		b, _ := xml.Marshal(struct {
			XMLName   xml.Name `xml:"ErrorResponse"`
			Error     item     `xml:"Error"`
			RequestID string   `xml:"RequestId"`
		}{Error: item{kind, e.Code, e.Message}, RequestID: requestID})
		return b
	case CBOR:
		return cbor.Encode(cbor.Map{"__type": cbor.String(e.Code), "message": cbor.String(e.Message)})
	case JSON10, JSON11, RestJSON:
		members := map[string]string{"__type": e.Code, "message": e.Message}
		for k, v := range e.Fields {
			members[k] = v
		}
		b, _ := json.Marshal(members)
		return b
	default:
		b, _ := xml.Marshal(struct {
			XMLName   xml.Name `xml:"Error"`
			Code      string
			Message   string
			RequestID string `xml:"RequestId"`
		}{Code: e.Code, Message: e.Message, RequestID: requestID})
		return b
	}
}

// innerXML marshals out's fields without an element around them.
func innerXML(out any) (string, error) {
	if out == nil {
		return "", nil
	}
	var b strings.Builder
	enc := xml.NewEncoder(&b)
	if err := enc.EncodeElement(out, xml.StartElement{Name: xml.Name{Local: "X"}}); err != nil {
		return "", err
	}
	if err := enc.Close(); err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), "<X>"), "</X>"), nil
}

func encodeEC2(m *Mux, r *Request, out any) ([]byte, error) {
	inner, err := innerXML(out)
	if err != nil {
		return nil, err
	}
	if out == nil {
		inner = "<return>true</return>"
	}
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?><%[1]sResponse xmlns="%[2]s"><requestId>%[3]s</requestId>%[4]s</%[1]sResponse>`,
		r.Action, m.Namespace, r.RequestID, inner), nil
}

func encodeQuery(m *Mux, r *Request, out any) ([]byte, error) {
	inner, err := innerXML(out)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `<%[1]sResponse xmlns="%[2]s"><%[1]sResult>%[4]s</%[1]sResult><ResponseMetadata><RequestId>%[3]s</RequestId></ResponseMetadata></%[1]sResponse>`,
		r.Action, m.Namespace, r.RequestID, inner), nil
}
