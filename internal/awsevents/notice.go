// Package awsevents makes notices of what Amazon EventBridge puts into an Amazon SQS queue: which objects were
// touched, by whom and how. It is the ear of event-driven drift correction: whatever it misses is found at the next
// comparison that spec.syncInterval asks for, so nothing here needs to be complete, and nothing waits for it.
package awsevents

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Hand is who did what an event tells.
type Hand string

// The hands.
const (
	// HandOther is anybody but those below: a person, a pipeline, another operator.
	HandOther Hand = "other"
	// HandOwn is this operator.
	HandOwn Hand = "own"
	// HandAWS is a service of AWS that acts by itself, on what it was given to do.
	HandAWS Hand = "aws"
	// HandNone is that of events which tell what became of a thing, and not who did what.
	HandNone Hand = ""
)

// Notice is what an event tells.
type Notice struct {
	// Account is where it happened, and Time when, by AWS's clock.
	Account string
	Time    time.Time
	// What is the API operation, or the kind of the event.
	What string
	// Source is the service that tells, as "aws.ec2".
	Source string
	// Hand is who did it, and Who its ARN where there is one.
	Hand Hand
	Who  string
	// Failed says that AWS refused the call: nothing came of it.
	Failed bool
	// Names are the ids, ARNs and names that the event mentions, of whatever.
	Names []string
}

const (
	// maxNames bounds what is taken out of one event, and maxName how long it may be: identifiers are shorter.
	maxNames = 4096
	maxName  = 512
	// maxWho bounds an identity in what is told: a role's name and a session's are 64 characters each, a path 512.
	maxWho = 256
)

// envelope is what every event has,
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
type envelope struct {
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// The kinds of events that are understood, by their detail types.
const (
	typeCall       = "AWS API Call via CloudTrail"
	typeTask       = "ECS Task State Change"
	typeService    = "ECS Service Action"
	typeDeployment = "ECS Deployment State Change"
)

// Decode reads the body of a message. It fails for what is no event of the kinds that the shipped rules select.
func Decode(body string, self Self) (Notice, error) {
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return Notice{}, fmt.Errorf("the message is no event of EventBridge: %w", err)
	}
	n := Notice{Account: e.Account, Time: e.Time, Source: e.Source}
	if n.Account == "" {
		return n, errors.New("the message is no event of EventBridge: it has no account")
	}
	switch e.DetailType {
	case typeCall:
		return call(n, &e, self)
	case typeTask:
		return task(n, &e)
	case typeService, typeDeployment:
		var d struct {
			EventName string `json:"eventName"`
		}
		if err := json.Unmarshal(e.Detail, &d); err != nil {
			return n, fmt.Errorf("%s: %w", e.DetailType, err)
		}
		n.What, n.Names = d.EventName, e.Resources // the service's ARN
		return n, nil
	default:
		return n, fmt.Errorf("events of the type %q aren't asked for by the shipped rules", shorten(e.DetailType, maxName))
	}
}

// task reads a task's new state: what it means is asked of its service.
func task(n Notice, e *envelope) (Notice, error) {
	var d struct {
		LastStatus string `json:"lastStatus"`
		Group      string `json:"group"`
	}
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		return n, fmt.Errorf("%s: %w", e.DetailType, err)
	}
	n.What = "task " + d.LastStatus
	if service, ok := strings.CutPrefix(d.Group, "service:"); ok {
		n.Names = []string{service}
	}
	return n, nil
}

// record is what of CloudTrail's record matters here,
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type record struct {
	EventName    string    `json:"eventName"`
	EventTime    time.Time `json:"eventTime"`
	ErrorCode    string    `json:"errorCode"`
	UserAgent    string    `json:"userAgent"`
	UserIdentity identity  `json:"userIdentity"`
	// No schema is documented of these two: services differ, and change. Whatever they mention may be ours.
	RequestParameters any `json:"requestParameters"`
	ResponseElements  any `json:"responseElements"`
	Resources         []struct {
		ARN string `json:"ARN"`
	} `json:"resources"`
}

func call(n Notice, e *envelope, self Self) (Notice, error) {
	var r record
	if err := json.Unmarshal(e.Detail, &r); err != nil {
		return n, fmt.Errorf("%s: %w", e.DetailType, err)
	}
	n.What, n.Failed = shorten(r.EventName, maxName), r.ErrorCode != ""
	if !r.EventTime.IsZero() {
		n.Time = r.EventTime
	}
	n.Hand, n.Who = self.hand(&r), shorten(r.UserIdentity.name(), maxWho)
	c := collector{names: e.Resources}
	c.collect(r.RequestParameters)
	c.collect(r.ResponseElements)
	for _, x := range r.Resources {
		c.add(x.ARN)
	}
	n.Names = c.names
	return n, nil
}

// collector gathers the texts of a tree.
type collector struct{ names []string }

func (c *collector) add(s string) {
	if s != "" && len(s) <= maxName && len(c.names) < maxNames {
		c.names = append(c.names, s)
	}
}

func (c *collector) collect(tree any) {
	switch t := tree.(type) {
	case string:
		c.add(t)
	case []any:
		for _, v := range t {
			c.collect(v)
		}
	case map[string]any:
		for _, v := range t {
			c.collect(v)
		}
	}
}

func shorten(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
