package main

import (
	"context"
	"errors"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/aws"
	"github.com/portkey-ai/portkey-ecs-operator/internal/plugin"
)

// logReader reads Amazon CloudWatch Logs with the AWS credentials of whoever calls.
type logReader struct{}

// Search implements plugin.LogReader.
func (logReader) Search(ctx context.Context, region, group string, since time.Time, terms []string) (lines []plugin.LogLine, complete bool, err error) {
	cfg, err := aws.Load(ctx)
	if err != nil {
		return nil, false, err
	}
	cfg.Region = region
	found, complete, err := aws.FindLogLines(ctx, cfg, group, since, terms)
	if err != nil {
		return nil, false, why(err)
	}
	for _, l := range found {
		lines = append(lines, plugin.LogLine(l))
	}
	return lines, complete, nil
}

// why is what AWS says, without what differs each time.
func why(err error) error {
	if m := aws.Classify(err).Message; m != "" {
		return errors.New(m)
	}
	return err
}
