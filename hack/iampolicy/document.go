package iampolicy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Limit is how many characters a managed policy may have, not counting white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const Limit = 6144

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is a statement of a policy that allows something.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  string
	Condition map[string]map[string]Values `json:",omitempty"`
}

// Values are what a condition compares with; a single one prints without brackets.
type Values []string

// MarshalJSON implements json.Marshaler.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// Actions lists every action that the role needs.
func Actions() []string {
	var out []string
	for _, m := range Methods() {
		if m.Action != "" {
			out = append(out, m.Action)
		}
	}
	for _, d := range Dependents {
		out = append(out, d.Action)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Part is a policy of its own: all of it doesn't fit into one, and wildcards would allow more than is
// used. A role takes ten managed policies.
type Part struct {
	// File is its name in config/aws.
	File string
	// Services are the prefixes of its actions; the part without any has all others.
	Services []string
}

// Parts are the policies that the role needs together.
var Parts = []Part{
	{File: "iam-policy-compute.json", Services: []string{"autoscaling", "ec2", "iam", "ssm"}},
	{File: "iam-policy-services.json"},
}

// has reports whether a part has an action.
func (p Part) has(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	if p.Services != nil {
		return slices.Contains(p.Services, service)
	}
	return !slices.ContainsFunc(Parts, func(o Part) bool { return slices.Contains(o.Services, service) })
}

// Policy returns a part of the role's policy for a partition: aws, aws-us-gov or aws-cn.
func (p Part) Policy(partition string) Document { return document(partition, p.has) }

// Policy returns all of the role's policy for a partition.
func Policy(partition string) Document {
	return document(partition, func(string) bool { return true })
}

func document(partition string, has func(action string) bool) Document {
	d := Document{Version: "2012-10-17"}
	for _, sid := range order {
		s := Statement{Sid: sid, Effect: "Allow"}
		for _, action := range Actions() {
			if sidOf(action) == sid && has(action) {
				s.Action = append(s.Action, action)
			}
		}
		if len(s.Action) == 0 {
			continue
		}
		scope(&s, partition)
		d.Statement = append(d.Statement, s)
	}
	return d
}

// Print is the document as it is written to its file.
func (d Document) Print() []byte {
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil { // plain strings
		panic(err)
	}
	return append(b, '\n')
}

// Size is what AWS counts of the document.
func (d Document) Size() int {
	return len(bytes.Join(bytes.Fields(d.Print()), nil))
}
