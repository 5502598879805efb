package hand

import (
	"github.com/portkey-ai/portkey-ecs-operator/hack/sweep"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/elbv2"
)

// client is from where and how clients come to a sample's gateway.
var client = map[sweep.Sample]elbv2.ClientRequest{
	sweep.Minimal:    {Port: 80, Source: "10.0.128.7", Path: "/v1/chat"},
	sweep.Production: {Port: 443, TLS: true, Source: "203.0.113.7", Host: "portkey.example.com", Path: "/v1/chat"},
}

// interrupted says what keeps clients of the load balancer from being served; empty when nothing does.
func (l *life) interrupted() string {
	gw := l.Get(l.key)
	if gw == nil || gw.Status.Endpoints == nil || gw.Status.Endpoints.LoadBalancer == "" {
		return "there is no load balancer yet"
	}
	q := client[l.sample]
	q.DNS = gw.Status.Endpoints.LoadBalancer
	l.Emulator.World.Lock()
	defer l.Emulator.World.Unlock()
	o := l.Emulator.ELB.Route(q)
	return o.Problem + o.Status
}
