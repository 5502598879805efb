package eventbridge

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// AWS documents no schema of requestParameters and responseElements, and services differ: members begin in
// lower case, EC2 wraps lists into objects with "items" and some requests into one of their own name, and what
// is a path in REST is a member. What follows has the first two of these; consumers must not lean on more.

// hidden are members that CloudTrail keeps out of its events: secrets, and programs.
var hidden = []string{"authToken", "passwords", "zipFile", "environment"}

// parameters are a request's.
func parameters(c *core.Call) any {
	form, ok := c.Params.(map[string]string) // with its keys flattened
	if !ok {
		return lower(c.Params)
	}
	tree := nested(form, c.Mux.Protocol == core.EC2Query)
	if m, ok := tree.(map[string]any); ok && c.Mux.Service == "ec2" {
		switch c.Action {
		case "CreateTags", "DeleteTags":
			rename(m, "resourceId", "resourcesSet")
			rename(m, "tag", "tagSet")
		case "TerminateInstances":
			rename(m, "instanceId", "instancesSet")
		}
	}
	return tree
}

// rename gives a list of EC2 the name that CloudTrail has for it, and its scalars theirs.
func rename(m map[string]any, member, set string) {
	list, ok := m[member].(map[string]any)
	if !ok {
		return
	}
	delete(m, member)
	m[set] = list
	items, _ := list["items"].([]any)
	for i, v := range items {
		if text, ok := v.(string); ok {
			items[i] = map[string]any{member: text}
		}
	}
}

// response are the elements of an answer; one that says nothing but that all went well is null.
func response(c *core.Call) any {
	if c.Out == nil {
		return nil
	}
	if rest, ok := c.Out.(core.RestResponse); ok {
		var tree any
		if json.Unmarshal(rest.Body, &tree) != nil {
			return nil
		}
		return lower(tree)
	}
	body, err := c.Mux.Encode(c.Request, c.Out)
	if err != nil {
		return nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		var tree any
		if json.Unmarshal(body, &tree) != nil {
			return nil
		}
		return lower(tree)
	}
	tree, _ := fromXML(body).(map[string]any)
	if result, ok := tree[lowerName(c.Action+"Result")]; ok { // the query protocol's envelope
		return result
	}
	if len(tree) == 0 {
		return nil
	}
	return tree
}

func lowerName(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// lower makes the keys of a tree begin in lower case.
func lower(tree any) any {
	switch t := tree.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, v := range t {
			if k = lowerName(k); !slices.Contains(hidden, k) {
				out[k] = lower(v)
			}
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, v := range t {
			out[i] = lower(v)
		}
		return out
	}
	return tree
}

// nested makes a tree of a form: "A.member.1.B" and EC2's "A.1.B" are lists.
func nested(form map[string]string, ec2 bool) any {
	tree := map[string]any{}
	for key, value := range form {
		at := tree
		parts := strings.Split(key, ".")
		if slices.Contains(hidden, lowerName(parts[0])) {
			continue
		}
		for i, p := range parts {
			p = lowerName(p)
			if i == len(parts)-1 {
				at[p] = value
				break
			}
			next, ok := at[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[p] = next
			}
			at = next
		}
	}
	return lists(tree, ec2)
}

// lists turns objects whose keys are numbers into lists.
func lists(tree any, ec2 bool) any {
	m, ok := tree.(map[string]any)
	if !ok {
		return tree
	}
	if inner, ok := m["member"]; ok && len(m) == 1 {
		return lists(inner, ec2)
	}
	numbers := make([]int, 0, len(m))
	for k := range m {
		if n, err := strconv.Atoi(k); err == nil {
			numbers = append(numbers, n)
		}
	}
	if len(m) == 0 || len(numbers) < len(m) {
		for k, v := range m {
			m[k] = lists(v, ec2)
		}
		return m
	}
	slices.Sort(numbers)
	list := make([]any, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, lists(m[strconv.Itoa(n)], ec2))
	}
	if ec2 {
		return map[string]any{"items": list}
	}
	return list
}

// fromXML makes a tree of an answer's document.
func fromXML(body []byte) any {
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := dec.Token()
		if err != nil {
			return nil
		}
		if _, ok := token.(xml.StartElement); ok {
			return element(dec)
		}
	}
}

// element reads what is in an element, up to its end.
func element(dec *xml.Decoder) any {
	out, text, members := map[string]any{}, "", []any{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return out
		}
		switch t := token.(type) {
		case xml.CharData:
			text += string(t)
		case xml.StartElement:
			v := element(dec)
			switch t.Name.Local {
			case "member":
				members = append(members, v)
			case "item":
				members = append(members, v)
				out["items"] = members
			default:
				out[lowerName(t.Name.Local)] = v
			}
		case xml.EndElement:
			switch {
			case len(members) > 0 && out["items"] == nil:
				return members
			case len(out) > 0:
				return out
			}
			return strings.TrimSpace(text)
		}
	}
}

func after(s string, sep byte) string { return s[strings.LastIndexByte(s, sep)+1:] }

func before(s string, sep byte) string {
	if i := strings.IndexByte(s, sep); i >= 0 {
		return s[:i]
	}
	return s
}
