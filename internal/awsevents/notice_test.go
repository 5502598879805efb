package awsevents

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var self = Self{ARN: "arn:aws:sts::123456789012:assumed-role/operator/manager-a", Agent: "app/portkey-ecs-operator"}

// trailed is an event of CloudTrail's with the form of AWS's examples: EC2 wraps lists into items.
func trailed(identity, agent, more string) string {
	return fmt.Sprintf(`{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"123456789012","time":"2026-01-05T09:12:40Z","region":"us-east-1","resources":[],
"detail":{"eventVersion":"1.11","userIdentity":%s,"eventTime":"2026-01-05T09:12:03Z","eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress","awsRegion":"us-east-1",
"sourceIPAddress":"192.0.2.1","userAgent":%q,"requestParameters":{"groupId":"sg-0123","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}},
"responseElements":{"_return":true,"securityGroupRuleSet":{"items":[{"securityGroupRuleId":"sgr-1"}]}},"resources":[{"ARN":"arn:aws:ec2:x"}],"readOnly":false%s}}`, identity, agent, more)
}

const alice = `{"type":"IAMUser","principalId":"AIDA","arn":"arn:aws:iam::123456789012:user/alice","accountId":"123456789012","userName":"alice"}`

func TestCallsAreDecoded(t *testing.T) {
	n, err := Decode(trailed(alice, "aws-cli/2.9", ""), self)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(n.Names)
	if n.Account != "123456789012" || n.What != "AuthorizeSecurityGroupIngress" || n.Who != "arn:aws:iam::123456789012:user/alice" || n.Hand != HandOther || n.Failed ||
		!n.Time.Equal(time.Date(2026, 1, 5, 9, 12, 3, 0, time.UTC)) || !n.Of("SecurityGroupRules") || n.Of("ListenerRule") {
		t.Errorf("got %+v", n)
	}
	if want := []string{"0.0.0.0/0", "arn:aws:ec2:x", "sg-0123", "sgr-1", "tcp"}; !slices.Equal(n.Names, want) {
		t.Errorf("mentions %v, want %v", n.Names, want)
	}
	if n, _ := Decode(trailed(alice, "aws-cli/2.9", `,"errorCode":"Client.UnauthorizedOperation"`), self); !n.Failed {
		t.Error("a call that AWS refused has failed")
	}
}

func TestHands(t *testing.T) {
	const own, agent = `{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/operator/manager-b","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::123456789012:role/operator"}}}`, "aws-sdk-go-v2/1.47.7 lang/go#1.26 api/ec2#1.344 app/portkey-ecs-operator"
	for _, c := range []struct {
		why, identity, agent string
		want                 Hand
		who                  string
	}{
		{"a user", alice, "console.amazonaws.com", HandOther, "arn:aws:iam::123456789012:user/alice"},
		{"another of our managers: the session differs", own, agent, HandOwn, ""},
		{"EC2 puts agents into brackets", own, "[" + agent + "]", HandOwn, ""},
		{"somebody with our role", own, "aws-cli/2.9", HandOther, "arn:aws:sts::123456789012:assumed-role/operator/manager-b"},
		{"another operator, with a role of its own", `{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/operator-of-staging/x"}`, agent, HandOther, "arn:aws:sts::123456789012:assumed-role/operator-of-staging/x"},
		{"ECS shifts weights with our role", `{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/gw-load-balancing/ECS","invokedBy":"ecs.amazonaws.com"}`, "ecs.amazonaws.com", HandAWS, ""},
		{"a service-linked role", `{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling"}`, "autoscaling.amazonaws.com", HandAWS, ""},
		{"a service by itself", `{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`, "ec2.amazonaws.com", HandAWS, ""},
		{"somebody through CloudFormation", strings.TrimSuffix(alice, "}") + `,"invokedBy":"cloudformation.amazonaws.com"}`, "cloudformation.amazonaws.com", HandOther, "arn:aws:iam::123456789012:user/alice through cloudformation.amazonaws.com"},
		{"the root user of another account", `{"type":"AWSAccount","accountId":"210987654321"}`, "x", HandOther, "account 210987654321"},
	} {
		n, err := Decode(trailed(c.identity, c.agent, ""), self)
		if err != nil || n.Hand != c.want || c.who != "" && n.Who != c.who {
			t.Errorf("%s: hand %q, who %q, %v; want %q, %q", c.why, n.Hand, n.Who, err, c.want, c.who)
		}
	}
	if n, _ := Decode(trailed(own, agent, ""), Self{Agent: self.Agent}); n.Hand != HandOther {
		t.Errorf("before the operator knows who it is, nobody is it: %q", n.Hand)
	}
}

// TestStatesAreDecoded reads the examples of AWS's pages on ECS's events.
func TestStatesAreDecoded(t *testing.T) {
	const head = `{"version":"0","id":"1","source":"aws.ecs","account":"111122223333","time":"2020-05-23T12:31:14Z","region":"us-west-2",`
	for _, c := range []struct{ why, body, what, mentions string }{
		{"a deployment", head + `"detail-type":"ECS Deployment State Change","resources":["arn:aws:ecs:us-west-2:111122223333:service/default/servicetest"],"detail":{"eventType":"ERROR","eventName":"SERVICE_DEPLOYMENT_FAILED","deploymentId":"ecs-svc/123","updatedAt":"2020-05-23T11:11:11Z","reason":"ECS deployment circuit breaker: task failed to start."}}`,
			"SERVICE_DEPLOYMENT_FAILED", "arn:aws:ecs:us-west-2:111122223333:service/default/servicetest"},
		{"a service", head + `"detail-type":"ECS Service Action","resources":["arn:aws:ecs:us-west-2:111122223333:service/default/servicetest"],"detail":{"eventType":"ERROR","eventName":"SERVICE_TASK_PLACEMENT_FAILURE","clusterArn":"arn:aws:ecs:us-west-2:111122223333:cluster/default","reason":"RESOURCE:FARGATE","createdAt":"2019-11-06T19:55:38.725Z"}}`,
			"SERVICE_TASK_PLACEMENT_FAILURE", "arn:aws:ecs:us-west-2:111122223333:service/default/servicetest"},
		{"a task of a service", head + `"detail-type":"ECS Task State Change","resources":["arn:aws:ecs:us-west-2:111122223333:task/default/1"],"detail":{"clusterArn":"arn:aws:ecs:us-west-2:111122223333:cluster/default","group":"service:servicetest","lastStatus":"STOPPED","desiredStatus":"STOPPED"}}`,
			"task STOPPED", "servicetest"},
		{"a task of nobody's", head + `"detail-type":"ECS Task State Change","resources":[],"detail":{"group":"family:x","lastStatus":"STOPPED"}}`, "task STOPPED", ""},
	} {
		n, err := Decode(c.body, self)
		if err != nil || n.What != c.what || strings.Join(n.Names, " ") != c.mentions || n.Hand != HandNone {
			t.Errorf("%s: %+v %v, want %q of %q", c.why, n, err, c.what, c.mentions)
		}
	}
}

func TestWhatAnEventMentionsIsBounded(t *testing.T) {
	many := `"` + strings.Repeat(`x","`, 3*maxNames) + `x"`
	n, err := Decode(`{"detail-type":"AWS API Call via CloudTrail","account":"1","detail":{"requestParameters":{"a":[`+many+`],"b":"`+strings.Repeat("y", maxName+1)+`"},"userIdentity":{"arn":"`+strings.Repeat("z", 5000)+`"}}}`, self)
	if err != nil || len(n.Names) > maxNames || len(n.Who) > maxWho+len("…") {
		t.Errorf("%d names, who of %d characters, %v", len(n.Names), len(n.Who), err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(trailed(alice, "x", ""))
	f.Add(`{"detail-type":"ECS Task State Change","account":"1","detail":{"group":"service:a"}}`)
	f.Add(`{"detail":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		n, err := Decode(body, self)
		if err == nil && (n.Account == "" || len(n.Names) > maxNames || len(n.Who) > maxWho+len("…")) {
			t.Errorf("%q gives %+v", body, n)
		}
	})
}
