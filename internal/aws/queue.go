package aws

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Queue returns a client for the queue with a URL, in the region that the URL names:
// https://sqs.us-east-1.amazonaws.com/123456789012/name. A URL of another form, as emulators have, takes the
// configuration's region.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
func (f *Factory) Queue(queueURL string) (SQS, error) {
	u, err := url.Parse(queueURL)
	if err != nil || u.Host == "" || len(strings.Split(strings.Trim(u.Path, "/"), "/")) != 2 {
		return nil, fmt.Errorf("%q is no URL of a queue: give it as https://sqs.REGION.amazonaws.com/ACCOUNT/NAME", queueURL)
	}
	cfg := f.base.Copy()
	if parts := strings.Split(u.Hostname(), "."); len(parts) > 3 && parts[0] == "sqs" {
		cfg.Region = parts[1]
	}
	if cfg.Region == "" {
		return nil, fmt.Errorf("%q doesn't tell the queue's region: set AWS_REGION", queueURL)
	}
	return sqs.NewFromConfig(cfg), nil
}
