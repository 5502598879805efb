package authorization

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// request is what IAM sees of a call.
type request struct {
	*core.Request
	a *Authorizer
	// action is the IAM action; empty where none is needed.
	action string
	// words are all values of the request, by which it names resources.
	words map[string]bool
	// params are its top-level parameters.
	params map[string]string
	// tags are the tags that it asks for.
	tags map[string]string
	// all is what exists, read when it is needed.
	all []core.Resource
}

// renamed are the operations whose action isn't service:Operation; empty where none is needed.
var renamed = map[string]string{
	"s3:HeadBucket":             "s3:ListBucket",
	"s3:GetPublicAccessBlock":   "s3:GetBucketPublicAccessBlock",
	"s3:PutPublicAccessBlock":   "s3:PutBucketPublicAccessBlock",
	"lambda:Invoke":             "lambda:InvokeFunction",
	"tagging:GetResources":      "tag:GetResources",
	"sts:GetCallerIdentity":     "",
	"monitoring:DescribeAlarms": "cloudwatch:DescribeAlarms",
	"sqs:DeleteMessageBatch":    "sqs:DeleteMessage",
}

func (a *Authorizer) read(m *core.Mux, r *core.Request) *request {
	q := &request{Request: r, a: a, action: m.Service + ":" + r.Action, words: map[string]bool{}, params: map[string]string{}, tags: map[string]string{}}
	if name, ok := renamed[q.action]; ok {
		q.action = name
	}
	switch m.Protocol {
	case core.EC2Query, core.Query:
		q.readForm(r.Form())
	case core.Rest, core.RestXML:
		q.readPath()
		q.readXML()
	case core.RestJSON:
		q.readPath()
		q.readJSON()
	default:
		q.readJSON()
	}
	if u := q.params["QueueUrl"]; u != "" { // whose last part is the name
		q.params["QueueName"] = u[strings.LastIndexByte(u, '/')+1:]
	}
	for w := range q.words {
		q.readDeployment(w)
	}
	return q
}

// tagKey are the parameters of a query protocol that hold a tag's key. Those of a launch template's data are
// tags of other objects.
var tagKey = regexp.MustCompile(`^((?:TagSpecification\.\d+\.)?(?:Tag\.\d+|Tags\.member\.\d+|Tags\.Tag\.\d+)\.)Key$`)

func (q *request) readForm(form url.Values) {
	for k, vs := range form {
		for _, v := range vs {
			q.words[v], q.params[k] = true, v
		}
		if m := tagKey.FindStringSubmatch(k); m != nil {
			q.tags[form.Get(k)] = form.Get(m[1] + "Value")
		}
	}
}

// readPath takes the parts of a REST request's path, and the bucket before a host name.
func (q *request) readPath() {
	for _, p := range strings.Split(q.HTTP.URL.EscapedPath(), "/") {
		if v, err := url.PathUnescape(p); err == nil && v != "" {
			q.words[v] = true
		}
	}
	host := q.HTTP.Host
	if host == "" { // a request that never was on a wire
		host = q.HTTP.URL.Host
	}
	bucket, _, _ := strings.Cut(host, ".")
	q.words[bucket] = true
	q.params["Bucket"] = bucket
	if first := strings.Split(strings.TrimPrefix(q.HTTP.URL.Path, "/"), "/")[0]; first != "" {
		q.params["Bucket"] = first
	}
}

func (q *request) readXML() {
	var in struct {
		Tags []struct{ Key, Value string } `xml:"Tags>Tag"`
	}
	if len(q.Body) > 0 && xml.Unmarshal(q.Body, &in) == nil {
		for _, t := range in.Tags {
			q.tags[t.Key] = t.Value
		}
	}
}

func (q *request) readJSON() {
	var in map[string]any
	if len(q.Body) == 0 || json.Unmarshal(q.Body, &in) != nil {
		return // the handler says what is wrong
	}
	for k, v := range in {
		if s, ok := v.(string); ok {
			q.params[strings.ToUpper(k[:1])+k[1:]] = s
		}
		if strings.EqualFold(k, "tags") {
			q.readTags(v)
			continue
		}
		q.visit(v)
	}
}

func (q *request) visit(v any) {
	switch v := v.(type) {
	case string:
		q.words[v] = true
	case []any:
		for _, x := range v {
			q.visit(x)
		}
	case map[string]any:
		for _, x := range v {
			q.visit(x)
		}
	}
}

func (q *request) readTags(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			q.tags[k], _ = x.(string)
		}
	case []any:
		for _, x := range v {
			t, _ := x.(map[string]any)
			key, value := "", ""
			for k, s := range t {
				switch text, _ := s.(string); {
				case strings.EqualFold(k, "key"):
					key = text
				case strings.EqualFold(k, "value"):
					value = text
				}
			}
			q.tags[key] = value
		}
	}
}

// readDeployment has a request that names a service's deployment or revision name the service.
func (q *request) readDeployment(arn string) {
	for _, kind := range []string{":service-deployment/", ":service-revision/"} {
		if head, rest, ok := strings.Cut(arn, kind); ok && strings.HasPrefix(arn, "arn:") {
			q.words[head+":service/"+rest[:strings.LastIndexByte(rest, '/')]] = true
		}
	}
}
