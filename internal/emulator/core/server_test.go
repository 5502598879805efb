package core

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const testAccount = "123456789012"

type echoIn struct {
	Name string `q:",required"`
}

type echoOut struct{ Name, Region string }

// fixture is a server with one service of each protocol, each with the action Echo.
func fixture() *Server {
	w := NewWorld(NewClock(epoch))
	w.AddKey("AKIATEST", AccountRoot(testAccount))
	s := NewServer(w)
	for _, m := range []*Mux{
		{Service: "ec2", Protocol: EC2Query, Namespace: "http://ec2", Throttled: Error{Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Status: 503}},
		{Service: "iam", Protocol: Query, Namespace: "http://iam", Global: true},
		{Service: "ecs", Protocol: JSON11, Namespace: "ECS", LowerCamel: true, LogName: "containers", Throttled: Error{Code: "ThrottlingException", Message: "Rate exceeded"},
			Bucket: func(string) (string, float64, float64) { return "all", 3, 1 }},
	} {
		Handle(m, "Echo", func(r *Request, in *echoIn) (*echoOut, error) {
			if in.Name == "bad" {
				return nil, Errorf("Bad", "bad <name>")
			}
			if in.Name == "bug" {
				return nil, fmt.Errorf("oops")
			}
			return &echoOut{in.Name, r.Region}, nil
		})
		s.Register(m)
	}
	return s
}

func request(service, name string) *http.Request {
	var r *http.Request
	if service == "ecs" {
		r = httptest.NewRequest("POST", "/", strings.NewReader(`{"name":"`+name+`"}`))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "ECS.Echo")
	} else {
		r = httptest.NewRequest("POST", "/", strings.NewReader("Action=Echo&Version=1&Name="+name))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20261123/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	return r
}

func do(t *testing.T, s *Server, r *http.Request) (int, string) {
	t.Helper()
	res, err := s.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestProtocols(t *testing.T) {
	s := fixture()
	for _, c := range []struct {
		service, name string
		status        int
		want          string
	}{
		{"ec2", "n", 200, `<EchoResponse xmlns="http://ec2"><requestId>ID</requestId><Name>n</Name><Region>eu-west-1</Region></EchoResponse>`},
		{"iam", "n", 200, `<EchoResponse xmlns="http://iam"><EchoResult><Name>n</Name><Region></Region></EchoResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></EchoResponse>`},
		{"ecs", "n", 200, `{"name":"n","region":"eu-west-1"}`},
		{"ec2", "bad", 400, `<Response><Errors><Error><Code>Bad</Code><Message>bad &lt;name&gt;</Message></Error></Errors><RequestID>ID</RequestID></Response>`},
		{"iam", "bad", 400, `<ErrorResponse><Error><Type>Sender</Type><Code>Bad</Code><Message>bad &lt;name&gt;</Message></Error><RequestId>ID</RequestId></ErrorResponse>`},
		{"ecs", "bad", 400, `{"__type":"Bad","message":"bad \u003cname\u003e"}`},
		{"iam", "bug", 500, `<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>oops</Message></Error><RequestId>ID</RequestId></ErrorResponse>`},
	} {
		res, err := s.Do(request(c.service, c.name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.TrimPrefix(strings.ReplaceAll(string(b), res.Header.Get("X-Amzn-Requestid"), "ID"), `<?xml version="1.0" encoding="UTF-8"?>`)
		if res.StatusCode != c.status || got != c.want {
			t.Errorf("%s %s: %d %s", c.service, c.name, res.StatusCode, got)
		}
		s.World.Clock.Advance(time.Minute)
	}
}

func TestRouting(t *testing.T) {
	s := fixture()
	with := func(service, header, value string) *http.Request {
		r := request(service, "n")
		r.Header.Set(header, value)
		return r
	}
	for name, c := range map[string]struct {
		r      *http.Request
		status int
		want   string
	}{
		"unsigned":                  {with("ec2", "Authorization", ""), 400, "not signed"},
		"unknown service":           {with("ec2", "Authorization", "Credential=AKIATEST/20261123/eu-west-1/rds/aws4_request"), 400, "no service rds"},
		"unknown key ec2":           {with("ec2", "Authorization", "Credential=AKIANONE/20261123/eu-west-1/ec2/aws4_request"), 401, "AuthFailure"},
		"unknown key iam":           {with("iam", "Authorization", "Credential=AKIANONE/20261123/eu-west-1/iam/aws4_request"), 403, "InvalidClientTokenId"},
		"unknown key ecs":           {with("ecs", "Authorization", "Credential=AKIANONE/20261123/eu-west-1/ecs/aws4_request"), 400, "UnrecognizedClientException"},
		"region that isn't enabled": {with("ecs", "Authorization", "Credential=AKIATEST/20261123/eu-south-2/ecs/aws4_request"), 400, "UnrecognizedClientException"},
		"other target":              {with("ecs", "X-Amz-Target", "EKS.Echo"), 400, "UnknownOperationException"},
		"other action":              {with("ecs", "X-Amz-Target", "ECS.Other"), 400, "UnknownOperationException"},
	} {
		if status, body := do(t, s, c.r); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestCallLog(t *testing.T) {
	s := fixture()
	do(t, s, request("ecs", "n"))
	do(t, s, request("iam", "bad"))
	calls := s.Calls(0)
	if len(calls) != 2 {
		t.Fatal(calls)
	}
	a, b := calls[0], calls[1]
	if a.Seq != 1 || a.Service != "containers" || a.Action != "Echo" || a.Account != testAccount || a.Region != "eu-west-1" || a.Status != 200 ||
		a.Params.(map[string]any)["name"] != "n" || !a.Time.Equal(epoch) || !strings.Contains(a.Principal, testAccount) {
		t.Errorf("%+v", a)
	}
	if b.Error != "Bad" || b.Status != 400 || b.Region != "" || b.Params.(map[string]string)["Name"] != "bad" {
		t.Errorf("%+v", b)
	}
	if rest := s.Calls(1); len(rest) != 1 || rest[0].Seq != 2 {
		t.Errorf("%+v", rest)
	}
}

func TestScope(t *testing.T) {
	for region, want := range map[string]string{"eu-west-1": "arn:aws:ecs:eu-west-1:1:cluster/c", "cn-north-1": "arn:aws-cn:ecs:cn-north-1:1:cluster/c", "us-gov-west-1": "arn:aws-us-gov:ecs:us-gov-west-1:1:cluster/c"} {
		if got := (Scope{"1", region}).ARN("ecs", "cluster/c"); got != want {
			t.Error(got)
		}
	}
}

// TestOperation: a request is named without being run, and can still be.
func TestOperation(t *testing.T) {
	s := fixture()
	r := request("ecs", "n")
	service, action, err := s.Operation(r)
	if service != "containers" || action != "Echo" || err != nil || len(s.Calls(0)) > 0 {
		t.Errorf("%s:%s, %v, %d calls", service, action, err, len(s.Calls(0)))
	}
	if status, _ := do(t, s, r); status != http.StatusOK {
		t.Error(status)
	}
}
