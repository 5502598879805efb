package eventbridge

import (
	"encoding/json"
	"testing"
)

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		why  string
		form map[string]string
		ec2  bool
		want string
	}{
		{"the query protocol's lists", map[string]string{"ListenerArn": "arn:l", "Actions.member.1.Type": "forward", "Actions.member.2.Type": "redirect"}, false,
			`{"actions":[{"type":"forward"},{"type":"redirect"}],"listenerArn":"arn:l"}`},
		{"EC2's", map[string]string{"GroupId": "sg-1", "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0", "IpPermissions.1.FromPort": "22"}, true,
			`{"groupId":"sg-1","ipPermissions":{"items":[{"fromPort":"22","ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}}`},
		{"what is secret is left out", map[string]string{"ReplicationGroupId": "rg", "AuthToken": "secret"}, false, `{"replicationGroupId":"rg"}`},
	} {
		if got := text(t, nested(c.form, c.ec2)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	const answer = `<R><CreateRuleResult><Rules><member><RuleArn>arn:r</RuleArn></member></Rules></CreateRuleResult><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></R>`
	if got, want := text(t, fromXML([]byte(answer))), `{"createRuleResult":{"rules":[{"ruleArn":"arn:r"}]},"vpcSet":{"items":[{"vpcId":"vpc-1"}]}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
