package aws

import (
	"context"

	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
)

// Tagging is what the operator calls of the Resource Groups Tagging API: one list of the tags of
// everything that an owner has in a region.
type Tagging interface {
	GetResources(context.Context, *tagging.GetResourcesInput, ...func(*tagging.Options)) (*tagging.GetResourcesOutput, error)
}
