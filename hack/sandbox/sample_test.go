package main

import (
	"strings"
	"testing"
)

func TestLocalise(t *testing.T) {
	objects, err := decode([]byte(`
kind: PortkeyGateway
spec:
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/license-AbCdEf"}
    registry: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/registry-SEEDED"}
    other: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:somebody/else-AbCdEf"}
  storage: {logBucket: dev-logs}
  zones: 2
  listeners: [{certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/1"}]
---
kind: ConfigMap
data: {logBucket: mine}
`))
	if err != nil {
		t.Fatal(err)
	}
	const secrets = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
	l := localiser{
		exists: map[string]bool{secrets + "portkey/registry-SEEDED": true},
		secrets: map[string]string{
			secrets + "portkey/license":  secrets + "portkey/license-SEEDED",
			secrets + "portkey/registry": secrets + "portkey/registry-SEEDED",
		},
		bucket: "seeded-bucket", certificate: "arn:seeded",
	}
	l.objects(objects)
	text, err := encode(objects)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"portkey/license-SEEDED", "portkey/registry-SEEDED", "somebody/else-AbCdEf", "logBucket: seeded-bucket", "certificateARN: arn:seeded", "logBucket: mine", "zones: 2"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if len(l.replaced) != 3 {
		t.Errorf("replaced %v", l.replaced)
	}
	before := len(l.replaced)
	if l.objects(objects); len(l.replaced) != before {
		t.Errorf("a second time it replaced %v", l.replaced[before:])
	}
}
