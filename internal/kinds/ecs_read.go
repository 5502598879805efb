package kinds

import (
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// missing is nil when a describe failed for nothing but objects that don't exist: ECS answers those
// with success and a failure per object.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
func missing(failures []ecstypes.Failure) error {
	for _, f := range failures {
		if reason := sdk.ToString(f.Reason); reason != "MISSING" {
			return fmt.Errorf("describing %s: %s %s", sdk.ToString(f.Arn), reason, sdk.ToString(f.Detail))
		}
	}
	return nil
}
