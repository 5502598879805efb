package kinds_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/graph"
	"github.com/portkey-ai/portkey-ecs-operator/internal/kinds"
)

func TestWebACLAssociation(t *testing.T) {
	s := newSandbox(t)
	n := s.network()
	scope := core.Scope{Account: sandboxAccount, Region: sandboxRegion}
	s.world.Lock()
	one, two := s.WAF.Add(scope, "one"), s.WAF.Add(scope, "two")
	s.world.Unlock()
	spec := n.loadBalancer()
	spec.Type, spec.Attributes = "application", nil
	lb := newLife(s, kinds.LoadBalancer{}, "load-balancer/main", "main-abc")
	lb.create(spec)
	want := kinds.WebACLAssociationSpec{LoadBalancer: graph.Lit(lb.id), WebACL: one}
	l := newLife(s, kinds.WebACLAssociation{}, "web-acl-association/main", "")
	if _, err := l.kind.Create(t.Context(), l.call(), want); aws.Classify(err).Class != graph.NotYet {
		t.Fatalf("AWS WAF doesn't see a new load balancer: %v", err)
	}
	lb.ready(spec)
	if live := l.observe(want); live.Phase != graph.Absent {
		t.Fatalf("it is %s before it is made", live.Phase)
	}
	l.equal(want, l.create(want))
	l.equal(want, l.ready(want))
	want.WebACL = two
	if got := count(s.calls(func() { l.put(want) })); got != "AssociateWebACL GetWebACLForResource×2" {
		t.Errorf("changed by %s: it must never be without", got)
	}
	_, err := s.clients.WAF.DisassociateWebACL(t.Context(), &wafv2.DisassociateWebACLInput{ResourceArn: &lb.id})
	s.must(err)
	if live := l.observe(want); live.Phase != graph.Absent {
		t.Errorf("somebody took it off, and it is %s", live.Phase)
	}
	l.create(want)
	l.remove(want)
	l.create(want)
	lb.remove(spec)
	if live := l.observe(kinds.WebACLAssociationSpec{}); live.Phase != graph.Absent {
		t.Errorf("its load balancer is gone, and it is %s", live.Phase)
	}
}
