package iampolicy

import (
	"bytes"
	"encoding/json"
	"slices"
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

// File is the policy's name in config/aws. All of it fits into one managed policy; when it no longer
// does, split it by service rather than write wildcards, which would allow more than is used.
const File = "iam-policy.json"

// Policy returns the role's policy for a partition: aws, aws-us-gov or aws-cn.
func Policy(partition string) Document {
	d := Document{Version: "2012-10-17"}
	for _, sid := range order {
		s := Statement{Sid: sid, Effect: "Allow"}
		for _, action := range Actions() {
			if sidOf(action) == sid {
				s.Action = append(s.Action, action)
			}
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
