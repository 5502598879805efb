package ecs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// control sends a control request and answers its status and body.
func (r *rig) control(endpoint, body string) (int, string) {
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/_emulator/"+endpoint, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// TestDeclaredImages: what is said of an image, or of a tag, is how its containers fare.
func TestDeclaredImages(t *testing.T) {
	r := fargateRig(t)
	r.s.Control(r.server)
	for _, c := range []struct {
		body, want string
	}{
		{`{"tag":"2.17.0","behaviour":"exit","afterSeconds":5}`, ""},
		{`{"tag":"9-broken-crash-30s","behaviour":"healthy"}`, ""},
		{`{"image":"repo.test:5000/app:2.17.0","behaviour":"unhealthy"}`, ""},
		{`{"tag":"late","behaviour":"unhealthy","afterSeconds":90}`, ""},
		{`{"behaviour":"exit"}`, "either image (repository:tag) or tag is required"},
		{`{"image":"app:1","tag":"1","behaviour":"exit"}`, "either image (repository:tag) or tag is required"},
		{`{"image":"repo.test:5000/app","behaviour":"exit"}`, "written as repository:tag"},
		{`{"tag":"app:1","behaviour":"exit"}`, "what follows the colon"},
		{`{"tag":"1","behaviour":"explode"}`, "behaviour is one of"},
		{`{"tag":"1","behaviour":"exit","afterSeconds":-1}`, "0 or more"},
		{`{"tag":"1","behaviour":"noPull","afterSeconds":1}`, "not with noPull"},
		{`{"tag":"1","behavior":"exit"}`, "unknown field"},
	} {
		status, body := r.control("images", c.body)
		if ok := c.want == ""; ok != (status == http.StatusOK) || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.body, status, body)
		}
	}
	for _, c := range []struct{ name, image, reason string }{
		{"tag", "app:2.17.0", "Essential container in task exited"},
		{"ending", "app:v2.17.0", "Essential container in task exited"},
		{"digest", "app:2.17.0@sha256:" + strings.Repeat("a", 64), "Essential container in task exited"},
		{"image", "repo.test:5000/app:2.17.0", "Task failed container health checks"},
		{"late", "app:late", "Task failed container health checks"},
		{"known", "app:broken-no-pull", "CannotPullContainerError: "},
		{"undone", "app:9-broken-crash-30s", ""},
		{"other", "app:2.17.01", ""},
		{"port", "repo.test:5000/broken-no-pull", ""},
	} {
		r.create(c.name, r.register(c.name, c.image), 1, fargate)
		if c.reason == "" || c.name == "late" {
			r.steady(c.name)
		}
		if c.reason == "" {
			r.server.Advance(10 * time.Minute)
			if n := len(r.tasks(c.name, "STOPPED")); n > 0 {
				t.Errorf("%s: %d tasks stopped", c.name, n)
			}
			continue
		}
		r.until(10*time.Minute, c.name+" fails", func() bool { return len(r.tasks(c.name, "STOPPED")) > 0 })
		if got := *r.tasks(c.name, "STOPPED")[0].StoppedReason; !strings.HasPrefix(got, c.reason) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestCrashAfter30Seconds: the container lives as long as its tag says.
func TestCrashAfter30Seconds(t *testing.T) {
	r := fargateRig(t)
	r.create("app", r.register("app", "i:broken-crash-30s"), 1, fargate)
	r.until(5*time.Minute, "it exits", func() bool { return len(r.tasks("app", "STOPPED")) > 0 })
	task := r.tasks("app", "STOPPED")[0]
	if lived := task.StoppingAt.Sub(*task.StartedAt); lived != 30*time.Second || *task.Containers[0].ExitCode != 1 {
		t.Errorf("it lived for %s: %+v", lived, task)
	}
}

// TestUnhealthyTargetIsHealthyItself: only a load balancer finds the container unhealthy.
func TestUnhealthyTargetIsHealthyItself(t *testing.T) {
	r := fargateRig(t)
	r.create("alone", r.register("alone", "i:1-broken-unhealthy-target"), 1, fargate)
	r.steady("alone")
	tg := r.targetGroup("app", true)
	r.server.Advance(3 * time.Minute)
	r.create("app", r.register("app", "i:1-broken-unhealthy-target"), 1, fargate, func(in *api.CreateServiceInput) {
		in.LoadBalancers = []types.LoadBalancer{{TargetGroupArn: &tg, ContainerName: aws.String("app"), ContainerPort: aws.Int32(8787)}}
	})
	r.until(10*time.Minute, "it is replaced", func() bool { return len(r.tasks("app", "STOPPED")) > 0 })
	if got := *r.tasks("app", "STOPPED")[0].StoppedReason; got != "Task failed ELB health checks in (target-group "+tg+")" {
		t.Error(got)
	}
}
