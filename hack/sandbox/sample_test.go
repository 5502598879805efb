package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

func TestLocalise(t *testing.T) {
	objects, err := decode([]byte(`
kind: PortkeyGateway
spec:
  credentials:
    license: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/license-AbCdEf"}
    registry: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:portkey/registry-SEEDED"}
    other: {secretARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:somebody/else-AbCdEf"}
  storage: {logBucket: dev-logs, exportBucket: "", fineTuneBucket: seeded-too}
  network: {existing: {vpcID: vpc-1, publicSubnetIDs: [subnet-1], privateSubnetIDs: [subnet-2, subnet-3, subnet-4]}}
  zones: 2
  listeners: [{certificateARN: "arn:aws:acm:us-east-1:123456789012:certificate/1"}]
---
kind: PortkeyGateway
spec:
  storage: {logBucket: to-be-made, create: true}
---
kind: ConfigMap
data: {logBucket: mine}
`))
	if err != nil {
		t.Fatal(err)
	}
	const secrets = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
	l := localiser{
		exists: map[string]bool{secrets + "portkey/registry-SEEDED": true, "seeded-too": true, "subnet-3": true},
		secrets: map[string]string{
			secrets + "portkey/license":  secrets + "portkey/license-SEEDED",
			secrets + "portkey/registry": secrets + "portkey/registry-SEEDED",
		},
		bucket: "seeded-bucket", certificate: "arn:seeded",
		network: ec2.Network{VPCID: "vpc-seeded", PublicSubnetIDs: []string{"subnet-public"}, PrivateSubnetIDs: []string{"subnet-private", "subnet-other"}},
	}
	l.objects(objects)
	text, err := encode(objects)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"portkey/license-SEEDED", "portkey/registry-SEEDED", "somebody/else-AbCdEf", "logBucket: seeded-bucket", "certificateARN: arn:seeded", "logBucket: mine", "zones: 2",
		"fineTuneBucket: seeded-too", `exportBucket: ""`, "logBucket: to-be-made", "vpcID: vpc-seeded", "- subnet-public", "- subnet-private", "- subnet-3", "- subnet-4"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if len(l.replaced) != 6 {
		t.Errorf("replaced %v", l.replaced)
	}
	before := len(l.replaced)
	if l.objects(objects); len(l.replaced) != before {
		t.Errorf("a second time it replaced %v", l.replaced[before:])
	}
}

// TestSamplesAreSeeded: what config/samples name exists in the sandbox, so that each can be applied there
// as it is.
func TestSamplesAreSeeded(t *testing.T) {
	aws, err := startCloud(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(aws.stop)
	exists := map[string]bool{}
	for _, r := range aws.Server.Resources(false) {
		exists[r.ID], exists[r.Name], exists[r.ARN] = true, true, true
	}
	secrets, err := decode(seeded)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range secrets {
		exists[o.GetKind()+" "+o.GetName()] = true
	}
	// What looks like something of AWS, or is the name of a bucket or of a Secret.
	names := regexp.MustCompile(`arn:aws:(?:acm|secretsmanager):[^"\s]+|(?:vpc|subnet)-[0-9a-f]{17}|Z[0-9A-Z]{12,}|[bB]ucket: ([a-z0-9-]+)|secretRef: {name: ([a-z0-9-]+)}`)
	files, err := filepath.Glob("../../config/samples/*.yaml")
	if err != nil || len(files) < 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range names.FindAllStringSubmatch(string(text), -1) {
			name := m[0]
			if m[1] != "" {
				name = m[1]
			}
			if m[2] != "" {
				name = "Secret " + m[2]
			}
			if !exists[name] {
				t.Errorf("%s names %s, which isn't seeded", file, name)
			}
		}
		objects, err := decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if replaced := aws.localise(objects); len(replaced) > 0 {
			t.Errorf("%s: replaced %v", file, replaced)
		}
	}
}
