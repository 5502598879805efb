package strangers

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

var logsReads = map[string]read{
	"DescribeLogGroups": func(s *stranger) {
		name := s.name("log-group/gateway")
		out := must(cloudwatchlogs.NewFromConfig(s.cfg).DescribeLogGroups(s.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name}))(s)
		g := out.LogGroups[0]
		s.see("1 "+name+" 14 STANDARD true", len(out.LogGroups), g.LogGroupName, g.RetentionInDays, g.LogGroupClass, strings.HasSuffix(*g.Arn, ":log-group:"+name+":*"))
	},
	"ListTagsForResource": func(s *stranger) {
		c := cloudwatchlogs.NewFromConfig(s.cfg)
		group := must(c.DescribeLogGroups(s.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: sdk.String(s.name("log-group/gateway"))}))(s).LogGroups[0]
		out := must(c.ListTagsForResource(s.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: group.LogGroupArn}))(s)
		s.see("log-group/gateway", out.Tags[nodeTag])
	},
}

func (s *stranger) discovery() *servicediscovery.Client { return servicediscovery.NewFromConfig(s.cfg) }

var discoveryReads = map[string]read{
	"ListNamespaces": func(s *stranger) {
		out := must(s.discovery().ListNamespaces(s.Context(), &servicediscovery.ListNamespacesInput{}))(s)
		n := out.Namespaces[0]
		s.see("1 HTTP 2 "+s.name("http-namespace/main"), len(out.Namespaces), n.Type, n.ServiceCount, n.Properties.HttpProperties.HttpName)
	},
	"GetNamespace": func(s *stranger) {
		out := must(s.discovery().GetNamespace(s.Context(), &servicediscovery.GetNamespaceInput{Id: s.arn("http-namespace/main")}))(s)
		s.see("HTTP "+s.name("http-namespace/main"), out.Namespace.Type, out.Namespace.Name)
	},
	"ListTagsForResource": func(s *stranger) {
		n := must(s.discovery().GetNamespace(s.Context(), &servicediscovery.GetNamespaceInput{Id: s.arn("http-namespace/main")}))(s)
		out := must(s.discovery().ListTagsForResource(s.Context(), &servicediscovery.ListTagsForResourceInput{ResourceARN: n.Namespace.Arn}))(s)
		node := ""
		for _, t := range out.Tags {
			if *t.Key == nodeTag {
				node = *t.Value
			}
		}
		s.see("http-namespace/main", node)
	},
	"GetOperation": func(s *stranger) {
		list := must(s.discovery().ListOperations(s.Context(), &servicediscovery.ListOperationsInput{}))(s)
		out := must(s.discovery().GetOperation(s.Context(), &servicediscovery.GetOperationInput{OperationId: list.Operations[0].Id}))(s)
		s.see("CREATE_NAMESPACE SUCCESS "+s.id("http-namespace/main"), out.Operation.Type, out.Operation.Status, out.Operation.Targets["NAMESPACE"])
	},
}

var ssmReads = map[string]read{
	"GetParameter": func(s *stranger) {
		out := must(ssm.NewFromConfig(s.cfg).GetParameter(s.Context(), &ssm.GetParameterInput{Name: sdk.String("/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended")}))(s)
		s.see("String true", out.Parameter.Type, strings.Contains(*out.Parameter.Value, `"image_id":"ami-`))
	},
}

var stsReads = map[string]read{
	"GetCallerIdentity": func(s *stranger) {
		out := must(sts.NewFromConfig(s.cfg).GetCallerIdentity(s.Context(), &sts.GetCallerIdentityInput{}))(s)
		s.see("123456789012 arn:aws:iam::123456789012:user/admin", out.Account, out.Arn)
	},
}
