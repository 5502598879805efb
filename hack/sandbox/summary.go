package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// report is what the summary tells; it is gathered in one place and written in another, so that the
// words can be tested without a sandbox.
type report struct {
	gateways []*v1alpha1.PortkeyGateway
	// made are the AWS objects that didn't exist before, calls what was asked of AWS.
	made  []core.Resource
	calls []core.CallRecord
	// elapsed passed on the wall, emulated in AWS.
	elapsed, emulated time.Duration
	// env is the file to source; kubectl is set where none is on the PATH.
	env, kubectl string
	sync         time.Duration
}

func (s *sandbox) summary(gateways []*v1alpha1.PortkeyGateway) {
	r := report{gateways: gateways, made: s.aws.Made(false), calls: s.aws.Server.Calls(0), sync: managerSync,
		elapsed: time.Since(s.started), emulated: s.aws.clock.Since(s.aws.began), env: s.dir.file(envFile)}
	if _, err := exec.LookPath("kubectl"); err != nil {
		r.kubectl = s.kubectl()
	}
	r.write(s.out)
}

// write writes the summary.
func (r report) write(w io.Writer) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	for _, gw := range r.gateways {
		p("\n%s is Ready after %s; in AWS %s passed.\n", gw.Name, clock(r.elapsed), clock(r.emulated))
		if e := gw.Status.Endpoints; e != nil && e.Gateway != "" {
			p("\n  Endpoint  %s\n            (its AWS is emulated: the name resolves nowhere)\n", e.Gateway)
		}
		p("\n")
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(t, "  Service\tTasks\tImage\tTask definition")
		for _, s := range gw.Status.Services {
			_, _ = fmt.Fprintf(t, "  %s\t%d/%d\t%s\t%s\n", s.Name, s.Running, s.Desired, s.Image, s.TaskDefinition)
		}
		_ = t.Flush()
	}
	mine, byAWS := r.counts()
	p("\n  %d objects made in AWS:\n", total(mine))
	p("%s", columns(mine))
	if n := total(byAWS); n > 0 {
		p("  and %d that AWS made along with them: %s\n", n, phrase(byAWS))
	}
	calls, changes, services := r.callCounts()
	p("\n  %d AWS calls, %d of them changes: %s\n", calls, changes, phrase(services))
	r.next(p)
}

// counts are the objects by kind, those that AWS makes by itself apart.
func (r report) counts() (mine, byAWS map[string]int) {
	mine, byAWS = map[string]int{}, map[string]int{}
	for _, o := range r.made {
		if o.AWSManaged {
			byAWS[o.Kind]++
		} else {
			mine[o.Kind]++
		}
	}
	return mine, byAWS
}

// callCounts counts the calls, the successful changes among them, and the calls of each service.
func (r report) callCounts() (calls, changes int, services map[string]int) {
	services = map[string]int{}
	for _, c := range r.calls {
		calls++
		services[c.Service]++
		if c.Error == "" && !c.ReadOnly() {
			changes++
		}
	}
	return calls, changes, services
}

// next tells what to try, in commands that can be copied.
func (r report) next(p func(string, ...any)) {
	gw := r.gateways[0]
	name := gw.Name
	if gw.Namespace != "default" {
		name += " -n " + gw.Namespace
	}
	p("\nTry next, in another terminal:\n\n  source %s\n", quote(r.env))
	if r.kubectl != "" {
		p("  alias kubectl=%s\n", quote(r.kubectl))
	}
	p("  kubectl get pkgw -A -w\n")
	p("  kubectl describe pkgw %s\n", name)
	p("\n  # Roll out another version, and look at this terminal meanwhile:\n")
	p("  kubectl patch pkgw %s --type merge -p '{\"spec\":{\"gateway\":{\"image\":{\"tag\":\"2.16.1\"}}}}'\n", name)
	if drift := r.drift(gw); drift != "" {
		p("\n  # Delete something behind the operator's back; within %s it is there again:\n  %s\n", clock(r.sync), drift)
	}
	p("\n  # Everything that exists in this AWS, and everything that was asked of it:\n")
	p("  curl -s $AWS_ENDPOINT_URL/_emulator/resources\n  curl -s $AWS_ENDPOINT_URL/_emulator/calls\n")
	p("\n  # Delete it all:\n  kubectl delete pkgw %s\n", name)
	p("\nCtrl-C ends everything and leaves nothing behind.\n\n")
}

// drift is a command of the AWS CLI that deletes an object that nothing else hangs on.
func (r report) drift(gw *v1alpha1.PortkeyGateway) string {
	for _, o := range gw.Status.Resources {
		if o.Kind == "LogGroup" {
			return "aws logs delete-log-group --log-group-name " + quote(cmp.Or(o.Name, o.ID))
		}
	}
	return ""
}

// perLine is how many kinds stand on a line of the summary.
const perLine = 3

// columns lists counts in columns.
func columns(counts map[string]int) string {
	var b strings.Builder
	for i, k := range slices.Sorted(maps.Keys(counts)) {
		if i%perLine == 0 {
			b.WriteString("  ")
		}
		fmt.Fprintf(&b, "%4d %-24s", counts[k], k)
		if i%perLine == perLine-1 {
			b.WriteString("\n")
		}
	}
	if len(counts)%perLine != 0 {
		b.WriteString("\n")
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// phrase lists counts in one line, the largest first.
func phrase(counts map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s %d", k, counts[k])
	}
	return strings.Join(keys, ", ")
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// clock writes a duration as people say it.
func clock(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	if d = d.Round(time.Second); d%time.Minute == 0 {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
