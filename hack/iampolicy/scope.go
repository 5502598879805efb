package iampolicy

import (
	"maps"
	"strings"

	"github.com/portkey-ai/portkey-ecs-operator/internal/own"
)

// Scope is what a statement allows its actions on. Conditions stand wherever AWS documents them: they keep the
// operator's own mistakes, and who holds its credentials, off what isn't its own.
type Scope struct {
	// Sid names it.
	Sid string
	// Resource are ARNs, in which {partition} stands for the partition's name.
	Resource []string
	// Made asks for the ownership tag in the request, and Ours for the tag on the resource.
	Made, Ours bool
	// Bounded asks for the permissions boundary, if there is one.
	Bounded bool
	// Condition are further conditions: operator → key → values.
	Condition map[string]map[string][]string
}

// The condition keys of the ownership tag on an object and in a request.
const (
	TagOnResource = "aws:ResourceTag/" + own.TagCluster
	TagOnRequest  = "aws:RequestTag/" + own.TagCluster
)

func (s Scope) statement(actions []string, o Options) Statement {
	out := Statement{Sid: s.Sid, Effect: "Allow", Action: actions, Condition: map[string]map[string]Values{}}
	for _, r := range s.Resource {
		out.Resource = append(out.Resource, strings.ReplaceAll(r, "{partition}", o.Partition))
	}
	set := func(operator, key string, values ...string) {
		if out.Condition[operator] == nil {
			out.Condition[operator] = map[string]Values{}
		}
		out.Condition[operator][key] = values
	}
	tag := func(key string) {
		if o.Cluster == "" {
			set("Null", key, "false")
			return
		}
		set("StringEquals", key, o.Cluster)
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			var list []string
			for _, v := range values {
				list = append(list, instantiate(v, o.Partition))
			}
			set(operator, key, list...)
		}
	}
	if s.Made {
		tag(TagOnRequest)
	}
	if s.Ours {
		tag(TagOnResource)
	}
	if s.Bounded && o.Boundary != "" {
		set("ArnEquals", "iam:PermissionsBoundary", o.Boundary)
	}
	return out
}

// instantiate writes a value for a partition. China's EC2 has a name of its own as a principal.
func instantiate(v, partition string) string {
	if partition == "aws-cn" && v == "ec2.amazonaws.com" {
		return v + ".cn"
	}
	return strings.ReplaceAll(v, "{partition}", partition)
}

// with returns the scope under another name with one more condition.
func (s Scope) with(sid, operator, key string, values ...string) Scope {
	s.Sid = sid
	c := map[string]map[string][]string{}
	for k, v := range s.Condition {
		c[k] = maps.Clone(v)
	}
	if c[operator] == nil {
		c[operator] = map[string][]string{}
	}
	c[operator][key] = values
	s.Condition = c
	return s
}

// on returns the scope under another name for other resources.
func (s Scope) on(sid string, arns ...string) Scope {
	s.Sid, s.Resource = sid, arns
	return s
}

var anything = []string{"*"}

// The scopes that most actions have.
var (
	// read shows; most reads can't be limited, and the others find what isn't ours, so that it is left alone.
	read = Scope{Sid: "Read", Resource: anything}
	// making are creations, of which each carries the ownership tag from its first moment; where AWS decides on
	// what is there already as well, that needs ours.
	making = Scope{Sid: "Make", Resource: anything, Made: true}
	// ours are changes and deletions of what carries the tag.
	ours = Scope{Sid: "Ours", Resource: anything, Ours: true}
	// within are creations that AWS decides on by what they are made in: both must be ours.
	within = Scope{Sid: "MakeWithin", Resource: anything, Made: true, Ours: true}
	// free can't be limited by tags: docs/security.md says for each why.
	free = Scope{Sid: "Untied", Resource: anything}
)

// Roles. Their names carry the owner's hash, and end with what they are for.
func role(suffix string) string { return "{partition}:iam::*:role/*-????????-" + suffix }

func arns(paths ...string) []string {
	var out []string
	for _, p := range paths {
		if strings.HasPrefix(p, "{partition}") {
			p = "arn:" + p
		} else {
			p = "arn:{partition}:" + p
		}
		out = append(out, p)
	}
	return out
}

// passed limits iam:PassRole to roles of some names for one service. AWS warns of conditions on a role's tags
// here: they have no reliable results.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
func passed(sid, service string, roles ...string) Scope {
	return Scope{Sid: sid, Resource: arns(roles...), Condition: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {service}}}}
}
