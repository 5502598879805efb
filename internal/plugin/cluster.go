package plugin

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// resource is the plural under which the API server has gateways.
const resource = "portkeygateways"

// userAgent is how the plugin appears in the API server's audit log, and as the manager of its annotations.
const userAgent = "kubectl-portkey"

// recheck is how long it takes until the API server is asked again where it can't be watched.
const recheck = time.Second

// cluster is the API server, and the namespace that is meant.
type cluster struct {
	client.WithWatch
	namespace string
	recheck   time.Duration
}

func (a *app) clientConfig() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(a.rules, &a.overrides)
}

func (a *app) open() (*cluster, error) {
	if a.connect != nil {
		return a.connect()
	}
	loader := a.clientConfig()
	config, err := loader.ClientConfig()
	if err != nil {
		if clientcmd.IsEmptyConfig(err) {
			return nil, errors.New("no cluster is configured: name a kubeconfig file by --kubeconfig or $KUBECONFIG")
		}
		return nil, err
	}
	config.UserAgent = userAgent + "/" + a.Version
	// What the server warns of is about the API, not for its users.
	config.WarningHandler = noWarnings{}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, err
	}
	// The kinds are known, so that nothing has to be discovered.
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.AddSpecific(v1alpha1.GroupVersion.WithKind(v1alpha1.GatewayKind), v1alpha1.GroupVersion.WithResource(resource),
		v1alpha1.GroupVersion.WithResource(strings.ToLower(v1alpha1.GatewayKind)), meta.RESTScopeNamespace)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Event"), meta.RESTScopeNamespace)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Namespace"), meta.RESTScopeRoot)
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme(), Mapper: mapper})
	if err != nil {
		return nil, err
	}
	return &cluster{WithWatch: c, namespace: namespace, recheck: recheck}, nil
}

type noWarnings struct{}

func (noWarnings) HandleWarningHeader(int, string, string) {}

func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, corev1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // these schemes don't collide
		}
	}
	return s
}

// gateway reads one gateway.
func (c *cluster) gateway(ctx context.Context, name string) (*v1alpha1.PortkeyGateway, error) {
	gw := &v1alpha1.PortkeyGateway{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: name}, gw); err != nil {
		return nil, c.explain(ctx, err, "get", name)
	}
	return gw, nil
}

// gateways are those of the namespace, or of all of them, by name.
func (c *cluster) gateways(ctx context.Context, everywhere bool) ([]v1alpha1.PortkeyGateway, error) {
	list := &v1alpha1.PortkeyGatewayList{}
	namespace := c.namespace
	if everywhere {
		namespace = ""
	}
	if err := c.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, c.explain(ctx, err, "list", "")
	}
	slices.SortFunc(list.Items, func(a, b v1alpha1.PortkeyGateway) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	return list.Items, nil
}

// events are the last events about a gateway, the newest first.
func (c *cluster) events(ctx context.Context, gw *v1alpha1.PortkeyGateway, limit int) ([]Event, error) {
	list := &corev1.EventList{}
	// Of the two APIs for the same events, this is the one that the cluster's own role `view` has.
	about := fields.OneTermEqualSelector("involvedObject.uid", string(gw.UID))
	if err := c.List(ctx, list, client.InNamespace(gw.Namespace), client.MatchingFieldsSelector{Selector: about}); err != nil {
		return nil, err
	}
	out := make([]Event, 0, len(list.Items))
	for i := range list.Items {
		out = append(out, eventOf(&list.Items[i]))
	}
	slices.SortStableFunc(out, func(a, b Event) int { return b.At.Compare(a.At.Time) })
	return out[:min(limit, len(out))], nil
}

// eventOf reads an event that was recorded by either of the two APIs.
func eventOf(e *corev1.Event) Event {
	out := Event{Type: e.Type, Reason: e.Reason, Message: e.Message, Count: max(e.Count, 1)}
	at := cmp.Or(e.LastTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time)
	if e.Series != nil {
		out.Count = e.Series.Count
		at = cmp.Or(e.Series.LastObservedTime.Time, at)
	}
	out.At = metav1.NewTime(at)
	return out
}

// follow calls each with a gateway as it is and after every change, until it says that it's done, or ctx ends.
// It also calls each when tick ticks, so that what is shown of time moves on; tick may be nil.
func (c *cluster) follow(ctx context.Context, name string, tick <-chan time.Time, each func(*v1alpha1.PortkeyGateway) (done bool, err error)) error {
	for {
		done, err := c.followOnce(ctx, name, tick, each)
		if done || err != nil {
			return err
		}
		select { // the server has ended the watch, or there is none
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(c.recheck):
		}
	}
}

func (c *cluster) followOnce(ctx context.Context, name string, tick <-chan time.Time, each func(*v1alpha1.PortkeyGateway) (bool, error)) (bool, error) {
	changes, err := c.Watch(ctx, &v1alpha1.PortkeyGatewayList{}, client.InNamespace(c.namespace),
		client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("metadata.name", name)})
	switch {
	case apierrors.IsForbidden(err): // whoever may get but not watch has to look
		changes = watch.NewEmptyWatch()
	case err != nil:
		return false, c.explain(ctx, err, "watch", name)
	}
	defer changes.Stop()
	gw, err := c.gateway(ctx, name)
	if err != nil {
		return false, err
	}
	if done, err := each(gw); done || err != nil {
		return done, err
	}
	for {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick:
		case e, ok := <-changes.ResultChan():
			next, isGateway := e.Object.(*v1alpha1.PortkeyGateway)
			switch {
			case !ok, !isGateway:
				return false, nil
			case next.Name != name || next.ResourceVersion == gw.ResourceVersion && e.Type != watch.Deleted:
				continue
			case e.Type == watch.Deleted:
				return false, errors.New("PortkeyGateway " + name + " is gone: it was deleted")
			}
			gw = next
		}
		if done, err := each(gw); done || err != nil {
			return done, err
		}
	}
}
