package iampolicy

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	Resource  Values
	Condition map[string]map[string]Values `json:",omitempty"`
}

// Values are ARNs, or what a condition compares with; a single one prints without brackets.
type Values []string

// MarshalJSON implements json.Marshaler.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// Options are what a policy is written for.
type Options struct {
	// Partition is aws, aws-us-gov or aws-cn.
	Partition string
	// Cluster is the value of the ownership tag; empty lets any count as ours. It is the UID of the Kubernetes
	// cluster's kube-system namespace, unless the manager has --cluster-name.
	Cluster string
	// Boundary is the ARN of the permissions boundary that every role must have which the operator makes, as
	// the manager's --permissions-boundary says; empty for none.
	Boundary string
}

// Policy returns the policy of one feature.
func Policy(feature string, o Options) Document {
	return document(o, func(f string) bool { return f == feature })
}

// Whole returns policies that together allow what all features but the optional ones do: as few as hold it.
func Whole(o Options) []Document {
	all := document(o, func(f string) bool { return !slices.Contains(Optional, f) })
	parts := []Document{{Version: all.Version}}
	for _, s := range all.Statement {
		last := &parts[len(parts)-1]
		more := Document{Version: last.Version, Statement: append(slices.Clone(last.Statement), s)}
		if more.Size() > Limit {
			parts = append(parts, Document{Version: all.Version, Statement: []Statement{s}})
			continue
		}
		*last = more
	}
	return parts
}

// document writes the grants of some features: one statement for each scope.
func document(o Options, wanted func(feature string) bool) Document {
	d := Document{Version: "2012-10-17"}
	for _, scope := range scopes() {
		var actions []string
		for _, g := range Grants {
			if g.Scope.Sid == scope.Sid && wanted(g.Feature) {
				actions = append(actions, g.Actions...)
			}
		}
		if o.Boundary != "" {
			actions = slices.DeleteFunc(actions, func(a string) bool { return a == "iam:DeleteRolePermissionsBoundary" })
		} else {
			actions = slices.DeleteFunc(actions, func(a string) bool { return a == "iam:PutRolePermissionsBoundary" })
		}
		if len(actions) == 0 {
			continue
		}
		slices.Sort(actions)
		d.Statement = append(d.Statement, scope.statement(slices.Compact(actions), o))
	}
	return d
}

// scopes are those of all grants, in their order.
func scopes() []Scope {
	var out []Scope
	for _, g := range Grants {
		if !slices.ContainsFunc(out, func(s Scope) bool { return s.Sid == g.Scope.Sid }) {
			out = append(out, g.Scope)
		}
	}
	return out
}

// Actions lists every action that some feature needs.
func Actions() []string {
	var out []string
	for _, g := range Grants {
		out = append(out, g.Actions...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Features lists the features in the order of their first grants.
func Features() []string {
	var out []string
	for _, g := range Grants {
		if !slices.Contains(out, g.Feature) {
			out = append(out, g.Feature)
		}
	}
	return out
}

// Print is the document as it is written to its file.
func (d Document) Print() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil { // plain strings
		panic(err)
	}
	return b.Bytes()
}

// Size is what AWS counts of the document.
func (d Document) Size() int {
	return len(strings.Join(strings.Fields(string(d.Print())), ""))
}

// Files are the documents by the names of their files in config/iam.
func Files(o Options) map[string]Document {
	out := map[string]Document{}
	for _, f := range Features() {
		out[f+".json"] = Policy(f, o)
	}
	for i, d := range Whole(o) {
		out[fmt.Sprintf("whole-%d.json", i+1)] = d
	}
	return out
}
