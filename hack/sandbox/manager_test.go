package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	authentication "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/portkey-ai/portkey-ecs-operator/api/v1alpha1"
)

// fakeManager says who it is and what it may, and then reports a gateway Ready as the manager would.
// FAKE_MANAGER has it do less: "idle" nothing more, "ends" end once it is up.
func fakeManager(args []string) error {
	fs := flag.NewFlagSet("manager", flag.ContinueOnError)
	probe := fs.String("health-probe-bind-address", "", "")
	for _, name := range []string{"leader-election-namespace", "metrics-bind-address", "sync-interval", "max-recheck"} {
		fs.String(name, "", "")
	}
	for _, name := range []string{"leader-elect", "probe-endpoints"} {
		fs.Bool(name, false, "")
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL", "AWS_REGION"} {
		fmt.Printf("%s: %s\n", name, os.Getenv(name))
	}
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	go func() { _ = http.ListenAndServe(*probe, nil) }()

	ctx := context.Background()
	cfg, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	plain, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return err
	}
	me, err := plain.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authentication.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	fmt.Println("I am", me.Status.UserInfo.Username)
	if _, err := plain.CoreV1().Secrets("").List(ctx, metav1.ListOptions{}); apierrors.IsForbidden(err) {
		fmt.Println("listing secrets: forbidden")
	}
	kube, err := newClient(cfg)
	if err != nil {
		return err
	}
	for ; ; time.Sleep(50 * time.Millisecond) {
		all := &v1alpha1.PortkeyGatewayList{}
		if err := kube.List(ctx, all); err != nil {
			return err
		}
		if os.Getenv("FAKE_MANAGER") == "idle" {
			continue
		}
		for i := range all.Items {
			if os.Getenv("FAKE_MANAGER") == "ends" {
				return errors.New("these are my last words")
			}
			if err := pretend(ctx, kube, &all.Items[i]); err != nil {
				return err
			}
		}
	}
}

// pretend reports some progress, and Ready at the end.
func pretend(ctx context.Context, kube client.Client, gw *v1alpha1.PortkeyGateway) error {
	before := gw.DeepCopy()
	st, now := &gw.Status, metav1.Now()
	set := func(kind, reason, message string) {
		st.Conditions = append(st.Conditions, metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: reason, Message: message, LastTransitionTime: now})
	}
	switch len(st.Resources) {
	case 0:
		st.Resources = []v1alpha1.ResourceStatus{{Node: "vpc/main", Kind: "VPC", ID: "vpc-1", Phase: v1alpha1.ResourceReady}}
		set(v1alpha1.ConditionNetworkReady, v1alpha1.ReasonReconciled, "all 1 objects are as the spec asks")
	case 1:
		st.ObservedGeneration = gw.Generation
		st.Resources = append(st.Resources, v1alpha1.ResourceStatus{Node: "log-group/gateway", Kind: "LogGroup", ID: "gateway", Phase: v1alpha1.ResourceReady})
		st.Endpoints = &v1alpha1.Endpoints{Gateway: "http://lb.example"}
		set(v1alpha1.ConditionReady, v1alpha1.ReasonReconciled, "all 2 objects are as the spec asks")
	default:
		return nil
	}
	return kube.Status().Patch(ctx, gw, client.MergeFrom(before))
}
