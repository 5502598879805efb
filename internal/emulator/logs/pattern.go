package logs

import (
	"regexp"
	"strings"
)

// filterPattern is a pattern of terms for lines that aren't JSON: a line has all of them, or, where each stands behind a
// question mark, one. Case counts. What has other characters than letters, digits and underscores stands in double
// quotes. AWS knows more, and says that optional terms can't be combined with others.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
type filterPattern struct {
	terms    []string
	optional bool
}

// maxPattern is how long a pattern may be.
const maxPattern = 1024

var term = regexp.MustCompile(`^(\??)(?:([A-Za-z0-9_]+)|"([^"\\]+)")(?:\s+|$)`)

func parsePattern(text string) (filterPattern, error) {
	var p filterPattern
	if len(text) > maxPattern {
		return p, invalid("1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to %d", maxPattern)
	}
	for rest := strings.TrimSpace(text); rest != ""; {
		m := term.FindStringSubmatch(rest)
		if len(m) == 0 || len(p.terms) > 0 && p.optional != (m[1] != "") {
			return p, invalid("The emulator knows only filter patterns of terms, either all optional or none, got %s", text)
		}
		p.terms, p.optional = append(p.terms, m[2]+m[3]), m[1] != ""
		rest = rest[len(m[0]):]
	}
	return p, nil
}

func (p filterPattern) matches(message string) bool {
	for _, t := range p.terms {
		if strings.Contains(message, t) == p.optional {
			return p.optional
		}
	}
	return !p.optional
}
