package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// SQS is Amazon Simple Queue Service, as the consumer of one queue calls it. It isn't one of Clients: nothing
// that is walked needs it, and a manager without --events-queue-url doesn't either.
type SQS interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}
