package plugin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// taskLogs are the lines of log groups.
type taskLogs struct {
	lines map[string][]LogLine
	// more says that there are lines which aren't read; err is why nothing is.
	more bool
	err  error
}

// Search implements LogReader.
func (l *taskLogs) Search(_ context.Context, region, group string, since time.Time, terms []string) ([]LogLine, bool, error) {
	if region != "us-east-1" || !strings.HasPrefix(group, "/ecs/portkey-gateway/") || strings.HasSuffix(group, "redis") || now.Sub(since) != logsBack {
		return nil, false, errors.New("asked for " + region + " " + group + since.String())
	}
	var out []LogLine
	for _, line := range l.lines[group] {
		if slices.ContainsFunc(terms, func(t string) bool { return strings.Contains(line.Text, t) }) {
			out = append(out, line)
		}
	}
	return out, !l.more, l.err
}

// TestVerifyLogs looks for what tasks say of the control plane, and shows no line of theirs.
func TestVerifyLogs(t *testing.T) {
	privately := func(gw *v1alpha1.PortkeyGateway) {
		gw.Spec.ControlPlane = &v1alpha1.ControlPlane{Outbound: &v1alpha1.Outbound{Type: v1alpha1.OutboundPrivateLink}}
	}
	for _, tt := range []struct {
		name string
		// gateway and data are what the services logged, a second apart until now.
		gateway, data []string
		more          bool
		err           error
		edit          func(*v1alpha1.PortkeyGateway)
		result        CheckResult
		want          []string
	}{
		{name: "nothing", gateway: []string{"GET https://api.portkey.ai/v1/sync 200", "ETIMEDOUT of a provider"}, result: CheckOK,
			want: []string{"no line of the last 15 minutes has an error of a connection to api.portkey.ai or albus.portkey.ai"}},
		{name: "a firewall", gateway: []string{"s3cr3t connect ETIMEDOUT api.portkey.ai:443", "again: ETIMEDOUT api.portkey.ai", "fine"}, data: []string{"getaddrinfo ENOTFOUND albus.portkey.ai s3cr3t", "later"},
			result: CheckFailed, want: []string{"3 lines of the last 15 minutes tell of connections that failed: albus.portkey.ai ENOTFOUND, api.portkey.ai ETIMEDOUT; the last at 11:59:58 UTC", "way out"}},
		{name: "by PrivateLink", edit: privately, gateway: []string{"request to https://aws-cp.portkey.ai/albus failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
			result: CheckFailed, want: []string{"1 lines", "aws-cp.portkey.ai UNABLE_TO_VERIFY_LEAF_SIGNATURE"}},
		{name: "another host", gateway: []string{"ECONNREFUSED aws-cp.portkey.ai"}, result: CheckOK},
		{name: "more than is read", more: true, gateway: []string{"GET https://api.portkey.ai 200"}, result: CheckSkipped, want: []string{"more lines"}},
		{name: "denied", err: errors.New("User: arn:aws:iam::123456789012:user/jo is not authorized to perform: logs:FilterLogEvents"), result: CheckSkipped,
			want: []string{"/ecs/portkey-gateway/data-service can't be read: User: arn:aws:iam", "AWS credentials of account 123456789012 that allow logs:FilterLogEvents"}},
		{name: "nothing made yet", edit: func(gw *v1alpha1.PortkeyGateway) { gw.Status.Resources = nil }, result: CheckSkipped, want: []string{"status has no log group yet"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gw := verifying()
			if tt.edit != nil {
				tt.edit(gw)
			}
			l := newLab(t, gw)
			l.logs = taskLogs{lines: map[string][]LogLine{"/ecs/portkey-gateway/gateway": said(tt.gateway), "/ecs/portkey-gateway/data-service": said(tt.data)}, more: tt.more, err: tt.err}
			c := checked(t, l, nil, nil)["control plane in logs"]
			if c.Result != tt.result {
				t.Errorf("got %+v", c)
			}
			for _, part := range tt.want {
				if !strings.Contains(c.Message+" "+c.Next, part) {
					t.Errorf("%q lacks %q", c.Message+" "+c.Next, part)
				}
			}
		})
	}
}

func said(texts []string) []LogLine {
	var out []LogLine
	for i, text := range texts {
		out = append(out, LogLine{now.Add(time.Duration(i-len(texts)) * time.Second), text})
	}
	return out
}
