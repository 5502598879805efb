// Package v1alpha1 is the API of the Portkey operator for Amazon ECS, group ecs.portkey.ai.
//
// +kubebuilder:object:generate=true
// +groupName=ecs.portkey.ai
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every type in this package.
var GroupVersion = schema.GroupVersion{Group: "ecs.portkey.ai", Version: "v1alpha1"}

// GatewayKind is the kind of PortkeyGateway.
const GatewayKind = "PortkeyGateway"

var schemeBuilder = runtime.NewSchemeBuilder(func(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &PortkeyGateway{}, &PortkeyGatewayList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
})

// AddToScheme registers this package's types with a scheme.
var AddToScheme = schemeBuilder.AddToScheme
