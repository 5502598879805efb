package eventbridge

import (
	"errors"
	"time"

	"github.com/portkey-ai/portkey-ecs-operator/internal/emulator/core"
)

// eventSources are the services whose calls are told, by their signing names. Application Auto Scaling calls
// itself by the name of Auto Scaling there.
//
// https://docs.aws.amazon.com/autoscaling/application/userguide/logging-using-cloudtrail.html
var eventSources = map[string]string{
	"application-autoscaling": "autoscaling",
	"autoscaling":             "autoscaling",
	"ec2":                     "ec2",
	"ecs":                     "ecs",
	"elasticache":             "elasticache",
	"elasticloadbalancing":    "elasticloadbalancing",
	"iam":                     "iam",
	"lambda":                  "lambda",
}

// homes are the regions in which the events of global services appear.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
var homes = map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

// trail sends the event that CloudTrail makes of a call which writes; those that only read aren't sent to a
// rule that doesn't ask for them.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
func (s *Service) trail(c *core.Call) {
	source, told := eventSources[c.Mux.Service]
	scope := core.Scope{Account: c.Account, Region: c.Region}
	if c.Mux.Global {
		scope.Region = homes[core.Scope{Region: c.SigningRegion}.Partition()]
	}
	if !told || !s.Heard(scope) || (core.CallRecord{Action: c.Action}).ReadOnly() {
		return
	}
	source += ".amazonaws.com"
	detail := map[string]any{
		"eventVersion": "1.11", "eventID": s.uuid(), "eventType": "AwsApiCall", "eventCategory": "Management", "managementEvent": true, "readOnly": false,
		"eventTime": c.Now().UTC().Format(time.RFC3339), "eventSource": source, "eventName": eventName(c), "awsRegion": scope.Region,
		"sourceIPAddress": "192.0.2.10", "userAgent": c.HTTP.Header.Get("User-Agent"), "userIdentity": identity(c),
		"requestID": c.RequestID, "recipientAccountId": c.Account, "requestParameters": parameters(c), "responseElements": nil,
	}
	if c.Err == nil {
		detail["responseElements"] = response(c)
	}
	if e, ok := errors.AsType[*core.Error](c.Err); ok {
		detail["errorCode"], detail["errorMessage"] = e.Code, e.Message
	} else if c.Err != nil {
		detail["errorCode"], detail["errorMessage"] = "InternalFailure", c.Err.Error()
	}
	s.deliver(scope, s.event(scope, "aws."+source[:len(source)-len(".amazonaws.com")], "AWS API Call via CloudTrail", nil, detail), s.delay())
}

// eventName is the call's name; Lambda's carry the date of its API's version.
//
// https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
func eventName(c *core.Call) string {
	if c.Mux.Service == "lambda" {
		switch c.Action {
		case "CreateFunction", "DeleteFunction":
			return c.Action + "20150331"
		case "UpdateFunctionCode", "UpdateFunctionConfiguration":
			return c.Action + "20150331v2"
		}
	}
	return c.Action
}

func (s *Service) delay() time.Duration {
	if s.Delay != nil {
		return s.Delay()
	}
	return trailFastest + time.Duration(s.rng.Int64N(int64(trailSlowest-trailFastest)))
}

// identity is who called.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func identity(c *core.Call) map[string]any {
	p := c.Principal
	out := map[string]any{"type": "IAMUser", "principalId": p.UserID, "arn": p.ARN, "accountId": p.Account}
	if p.RoleARN == "" {
		out["userName"] = after(p.ARN, '/')
		return out
	}
	out["type"] = "AssumedRole"
	out["sessionContext"] = map[string]any{
		"sessionIssuer": map[string]any{"type": "Role", "principalId": before(p.UserID, ':'), "arn": p.RoleARN, "accountId": p.Account, "userName": after(p.RoleARN, '/')},
		"attributes":    map[string]any{"mfaAuthenticated": "false", "creationDate": c.Now().UTC().Format(time.RFC3339)},
	}
	return out
}
