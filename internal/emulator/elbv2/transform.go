package elbv2

import "regexp"

// transform changes requests before they reach targets:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
type transform struct {
	Type                    string         `q:"Type,required"`
	HostHeaderRewriteConfig *rewriteConfig `xml:",omitempty"`
	UrlRewriteConfig        *rewriteConfig `xml:",omitempty"`
}

type rewriteConfig struct {
	Rewrites []rewrite `xml:"Rewrites>member"`
}

type rewrite struct {
	Regex   string `q:"Regex,required"`
	Replace string
}

// maxRewrite is the longest regular expression and replacement.
const maxRewrite = 1024

// checkTransforms: one of each type, with one rewrite.
func checkTransforms(transforms []transform) error {
	seen := map[string]bool{}
	for _, t := range transforms {
		var own, other *rewriteConfig
		switch t.Type {
		case "host-header-rewrite":
			own, other = t.HostHeaderRewriteConfig, t.UrlRewriteConfig
		case "url-rewrite":
			own, other = t.UrlRewriteConfig, t.HostHeaderRewriteConfig
		default:
			return invalid("Transform type '%s' must be one of '[host-header-rewrite, url-rewrite]'", t.Type)
		}
		if seen[t.Type] {
			return invalid("A rule can only have one '%s' transform", t.Type)
		}
		seen[t.Type] = true
		if own == nil || other != nil || len(own.Rewrites) != 1 {
			return invalid("A transform of type '%s' requires exactly one rewrite in its own configuration", t.Type)
		}
		r := own.Rewrites[0]
		if _, err := regexp.Compile(r.Regex); err != nil || r.Regex == "" || len(r.Regex) > maxRewrite || len(r.Replace) > maxRewrite {
			return invalid("The transform regex '%s' with replacement '%s' is not valid", r.Regex, r.Replace)
		}
	}
	return nil
}
