package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
	"github.com/portkey-ai/portkey-ecs-operator/controllers"
	"github.com/portkey-ai/portkey-ecs-operator/hack/harness"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/ec2"
)

// sparseLives is how many lives TestSparseAnswers leads.
const sparseLives = 14

// sparseCaches are caches that no sample has.
var sparseCaches = map[string]v1alpha1.ElastiCache{
	"dns":         {Managed: &v1alpha1.ManagedCache{}, Auth: &v1alpha1.CacheAuth{IAM: &v1alpha1.CacheIAM{}}},
	"gateway-mcp": {Managed: &v1alpha1.ManagedCache{Shards: 3}},
	"fargate":     {Serverless: &v1alpha1.ServerlessCache{}},
}

// TestSparseAnswers: what AWS's models don't require, an answer may lack, and what stands in for AWS lacks much. In these
// lives one in four answers lacks a field, or one in thirty, so that they get further. None of it is a bug of the
// operator. When the answers are whole again all comes about as ever, and the deletion leaves nothing. Every other life is
// deleted under sparse answers, too: a deletion that is told that there is nothing ends, and rightly; one that is told so
// of something looks again when somebody asks.
func TestSparseAnswers(t *testing.T) {
	samples := []string{"minimal", "production", "dns", "private-link", "gateway-mcp", "fargate", "canary"}
	for i := range sparseLives {
		if !harness.Sample(i) {
			continue
		}
		sample, oneIn, deleted := samples[i%len(samples)], []int{30, 4}[i/len(samples)%2], i%2 == 1
		t.Run(fmt.Sprintf("%s, one in %d", sample, oneIn), func(t *testing.T) {
			t.Parallel()
			s := newSparse(t, uint64(i), sample, oneIn)
			s.pass(50 * time.Minute)
			s.Edit(s.key, func(gw *v1alpha1.PortkeyGateway) {
				if gw.Spec.Gateway == nil {
					gw.Spec.Gateway = &v1alpha1.Gateway{}
				}
				gw.Spec.Gateway.Image = &v1alpha1.Image{Tag: "2.18.0"}
			})
			s.pass(30 * time.Minute)
			s.oneIn = 0
			s.until(4*time.Hour, "Ready", harness.Ready)
			s.Delete(s.key)
			if deleted {
				s.oneIn = oneIn
				s.pass(30 * time.Minute)
				s.oneIn = 0
				s.ask()
			}
			s.until(2*time.Hour, "deletion", harness.Gone)
			if left := difference(s.Emulator.Server.Resources(false), s.before); len(left) > 0 && !deleted {
				t.Errorf("%d objects are left:\n%s", len(left), strings.Join(left, "\n"))
			}
		})
	}
}

// sparse is a life in which answers lack fields.
type sparse struct {
	*harness.Harness
	t      *testing.T
	key    types.NamespacedName
	before []core.Resource
	random *rand.Rand
	// oneIn is how many answers share one that lacks something; none does at 0. lacked is what lacked last.
	oneIn  int
	lacked string
}

func newSparse(t *testing.T, seed uint64, sample string, oneIn int) *sparse {
	s := &sparse{Harness: harness.New(), t: t, random: rand.New(rand.NewPCG(seed, 4)), oneIn: oneIn}
	s.Parallel, s.Answered = 1, s.thin
	s.Restart()
	gw := s.Sample(sample)
	if cache, ok := sparseCaches[sample]; ok {
		gw.Spec.Cache = elasti(cache)
	}
	s.before = s.Emulator.Server.Resources(false)
	s.key = s.Create(gw)
	return s
}

// thin takes a field out of an answer, if it is its turn.
func (s *sparse) thin(output any) {
	if s.oneIn == 0 || s.random.IntN(s.oneIn) != 0 {
		return
	}
	v := reflect.ValueOf(output).Elem()
	if all := fieldsOf(v, v.Type().String()); len(all) > 0 {
		f := all[s.random.IntN(len(all))]
		f.value.SetZero()
		s.lacked = f.path
	}
}

// pass lets time pass. Whatever fails, the work queue tries again.
func (s *sparse) pass(span time.Duration) {
	end := s.Clock.Now().Add(span)
	s.while(func(gw *v1alpha1.PortkeyGateway) bool { return gw != nil && s.Clock.Now().Before(end) })
}

// ask has everything looked at again, if there is still somebody to ask.
func (s *sparse) ask() {
	if s.Get(s.key) != nil {
		s.Annotate(s.key, controllers.AnnotationRequestedAt, "now")
	}
}

func (s *sparse) until(bound time.Duration, what string, done func(*v1alpha1.PortkeyGateway) bool) {
	s.t.Helper()
	end := s.Clock.Now().Add(bound)
	s.while(func(gw *v1alpha1.PortkeyGateway) bool { return !done(gw) && s.Clock.Now().Before(end) })
	if gw := s.Get(s.key); !done(gw) {
		s.t.Fatalf("%s didn't come about within %s:\n%s", what, bound, harness.Story(gw))
	}
}

func (s *sparse) while(on func(*v1alpha1.PortkeyGateway) bool) {
	s.t.Helper()
	for on(s.Get(s.key)) {
		_ = s.Step(s.key)
		_ = s.Emulator.AnswerEndpoint("", "", ec2.AcceptEndpoint) // as soon as there is one
		told := s.Events.Events
		s.Events.Events = nil
		for _, text := range append(told, harness.Story(s.Get(s.key))) {
			if strings.Contains(text, "a bug of the operator") {
				s.t.Fatalf("the last to lack was %s:\n%s", s.lacked, text)
			}
		}
	}
}

// field is one that an answer may lack.
type field struct {
	path  string
	value reflect.Value
}

// fieldsOf are the fields of an answer that it may lack: pointers, lists, maps and texts that are there.
func fieldsOf(v reflect.Value, path string) (out []field) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.String, reflect.Interface:
		if v.CanSet() && !v.IsZero() {
			out = append(out, field{path, v})
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out = append(out, fieldsOf(v.Elem(), path)...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, fieldsOf(v.Index(i), path+"[]")...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				out = append(out, fieldsOf(v.Field(i), path+"."+f.Name)...)
			}
		}
	}
	return out
}
