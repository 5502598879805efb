package eventbridge

import "testing"

func TestPatterns(t *testing.T) {
	const event = `{"source":"aws.ec2","account":"123456789012","resources":["arn:a","arn:b"],"detail":{"n":1,"empty":"","nothing":null,"who":{"type":"IAMUser"},"state":"STOPPED"}}`
	for _, c := range []struct {
		why, pattern string
		want         bool
	}{
		{"one of several values", `{"source":["aws.ecs","aws.ec2"]}`, true},
		{"none of them", `{"source":["aws.ecs"]}`, false},
		{"every field must match", `{"source":["aws.ec2"],"account":["1"]}`, false},
		{"a member of an array", `{"resources":["arn:b"]}`, true},
		{"nested fields", `{"detail":{"who":{"type":["IAMUser"]}}}`, true},
		{"a number", `{"detail":{"n":[1]}}`, true},
		{"a text isn't a number", `{"detail":{"n":["1"]}}`, false},
		{"null is a value", `{"detail":{"nothing":[null]}}`, true},
		{"and not the absence of one", `{"detail":{"other":[null]}}`, false},
		{"an empty text", `{"detail":{"empty":[""]}}`, true},
		{"prefix", `{"detail":{"state":[{"prefix":"STOP"}]}}`, true},
		{"suffix", `{"detail":{"state":[{"suffix":"STOP"}]}}`, false},
		{"exists", `{"detail":{"state":[{"exists":true}]}}`, true},
		{"doesn't exist", `{"detail":{"errorCode":[{"exists":false}]}}`, true},
		{"exists, though it mustn't", `{"detail":{"state":[{"exists":false}]}}`, false},
		{"exists works on leaves only", `{"detail":{"who":[{"exists":true}]}}`, false},
		{"anything but", `{"detail":{"who":{"type":[{"anything-but":"AWSService"}]}}}`, true},
		{"but that", `{"detail":{"who":{"type":[{"anything-but":["Root","IAMUser"]}]}}}`, false},
		{"anything but needs something", `{"detail":{"errorCode":[{"anything-but":"x"}]}}`, false},
		{"but a prefix", `{"detail":{"state":[{"anything-but":{"prefix":"STOP"}}]}}`, false},
	} {
		p, err := ParsePattern([]byte(c.pattern))
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if got := p.MatchesJSON([]byte(event)); got != c.want {
			t.Errorf("%s: %s matches: %t", c.why, c.pattern, got)
		}
	}
	for _, bad := range []string{`{}`, `{"source":"aws.ec2"}`, `{"source":[]}`, `{"detail":{}}`, `{"source":[{"wildcard":"*"}]}`, `{"$or":[{"source":["a"]}]}`, `nonsense`} {
		if _, err := ParsePattern([]byte(bad)); err == nil {
			t.Errorf("%s is taken for a pattern", bad)
		}
	}
}
