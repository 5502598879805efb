package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
)

// ServiceDiscovery is what the operator calls of AWS Cloud Map.
type ServiceDiscovery interface {
	CreateHttpNamespace(context.Context, *servicediscovery.CreateHttpNamespaceInput, ...func(*servicediscovery.Options)) (*servicediscovery.CreateHttpNamespaceOutput, error)
	GetNamespace(context.Context, *servicediscovery.GetNamespaceInput, ...func(*servicediscovery.Options)) (*servicediscovery.GetNamespaceOutput, error)
	ListNamespaces(context.Context, *servicediscovery.ListNamespacesInput, ...func(*servicediscovery.Options)) (*servicediscovery.ListNamespacesOutput, error)
	GetOperation(context.Context, *servicediscovery.GetOperationInput, ...func(*servicediscovery.Options)) (*servicediscovery.GetOperationOutput, error)
	UpdateHttpNamespace(context.Context, *servicediscovery.UpdateHttpNamespaceInput, ...func(*servicediscovery.Options)) (*servicediscovery.UpdateHttpNamespaceOutput, error)
	DeleteNamespace(context.Context, *servicediscovery.DeleteNamespaceInput, ...func(*servicediscovery.Options)) (*servicediscovery.DeleteNamespaceOutput, error)
	ListTagsForResource(context.Context, *servicediscovery.ListTagsForResourceInput, ...func(*servicediscovery.Options)) (*servicediscovery.ListTagsForResourceOutput, error)
	TagResource(context.Context, *servicediscovery.TagResourceInput, ...func(*servicediscovery.Options)) (*servicediscovery.TagResourceOutput, error)
	UntagResource(context.Context, *servicediscovery.UntagResourceInput, ...func(*servicediscovery.Options)) (*servicediscovery.UntagResourceOutput, error)
}
