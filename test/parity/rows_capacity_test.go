package parity

import (
	"encoding/base64"
	"strings"
)

var capacityRows = map[string]row{
	`module.autoscaling["primary_provider"].aws_autoscaling_group.idc[0]`: {kind: "AutoScalingGroup", node: "auto-scaling-group/main", show: showAutoScalingGroup, wires: fields{
		"launch_template[0].id": "{launch-template/main}", "vpc_zone_identifier": "{subnet/private-*}"}},
	`module.autoscaling["primary_provider"].aws_launch_template.this[0]`: {kind: "LaunchTemplate", node: "launch-template/main", show: showLaunchTemplate, wires: fields{
		"iam_instance_profile": "{instance-profile/instance}", "vpc_security_group_ids": "{security-group/instances}"}},
	`module.ecs_cluster[0].aws_ecs_capacity_provider.this["primary_provider"]`: {kind: "CapacityProvider", node: "capacity-provider/ec2", show: showCapacityProvider, wires: fields{
		"auto_scaling_group_provider[0].auto_scaling_group_arn": "{auto-scaling-group/main}"}},
	"module.ecs_cluster[0].aws_ecs_cluster.this[0]":                    {kind: "Cluster", node: "cluster/main", show: showCluster},
	"module.ecs_cluster[0].aws_ecs_cluster_capacity_providers.this[0]": {kind: "Cluster", node: "cluster/main", show: showClusterCapacity},
	"module.ecs_cluster[0].aws_cloudwatch_log_group.this[0]":           {kind: "LogGroup", node: "log-group/cluster", show: showLogGroup},
}

func showAutoScalingGroup(o *object) fields {
	out := fields{
		"min_size": o.at("minSize"), "max_size": o.at("maxSize"), "desired_capacity": o.at("desiredCapacity"),
		"health_check_type": o.at("healthCheckType"), "health_check_grace_period": o.at("healthCheckGracePeriod"),
		"protect_from_scale_in": o.at("newInstancesProtectedFromScaleIn"),
		"launch_template[0].id": o.at("launchTemplate"), "vpc_zone_identifier": o.list("subnets"),
	}
	propagated := o.get("propagatedTags").(map[string]any)
	for _, k := range []string{"AmazonECSManaged", "Name"} {
		_, at := propagated[k]
		out["tag["+k+"].key"], out["tag["+k+"].value"], out["tag["+k+"].propagate_at_launch"] = k, o.Tags[k], text(at)
	}
	return out
}

func showLaunchTemplate(o *object) fields {
	const data = "launchTemplateData."
	script, err := base64.StdEncoding.DecodeString(o.get(data + "userData").(string))
	if err != nil {
		panic(err)
	}
	image := o.at(data + "imageId")
	if image == o.all.image {
		image = "{recommended arm64 image}"
	}
	return fields{
		"image_id": image, "instance_type": o.at(data + "instanceType"), "user_data": o.all.labels.Replace(string(script)),
		"metadata_options[0].http_endpoint":               o.at(data + "metadataOptions.httpEndpoint"),
		"metadata_options[0].http_put_response_hop_limit": o.at(data + "metadataOptions.httpPutResponseHopLimit"),
		"metadata_options[0].http_tokens":                 o.at(data + "metadataOptions.httpTokens"),
		"monitoring[0].enabled":                           o.at(data + "monitoring.enabled"),
		"iam_instance_profile":                            o.at(data + "iamInstanceProfile.arn"),
		"vpc_security_group_ids":                          o.list(data + "securityGroupIdSet"),
		"tag_specifications":                              strings.Join(tagged(o), " "),
	}
}

// tagged are what a template tags when it is launched.
func tagged(o *object) []string {
	var out []string
	for _, s := range o.get("launchTemplateData.tagSpecificationSet").([]any) {
		out = append(out, s.(map[string]any)["resourceType"].(string))
	}
	return out
}

func showCapacityProvider(o *object) fields {
	const provider = "auto_scaling_group_provider[0]."
	return fields{
		provider + "managed_draining": o.at("managedDraining"), provider + "managed_termination_protection": o.at("managedTerminationProtection"),
		provider + "managed_scaling[0].status": o.at("managedScaling"), provider + "managed_scaling[0].target_capacity": o.at("targetCapacity"),
		provider + "managed_scaling[0].minimum_scaling_step_size": o.at("minimumScalingStepSize"),
		provider + "managed_scaling[0].maximum_scaling_step_size": o.at("maximumScalingStepSize"),
		provider + "auto_scaling_group_arn":                       o.all.group(o.at("autoScalingGroup")),
	}
}

// group finds an Auto Scaling group by its name.
func (inv *inventory) group(name string) string {
	o, err := inv.only("Auto Scaling group "+name, func(o *object) bool { return o.Kind == "AutoScalingGroup" && inv.labels.Replace(o.Name) == name })
	if err != nil {
		return err.Error()
	}
	return inv.labels.Replace(o.ARN)
}

func showCluster(o *object) fields {
	const exec = "configuration[0].execute_command_configuration[0]."
	return fields{
		exec + "logging": o.at("executeCommandLogging"), exec + "log_configuration[0].cloud_watch_log_group_name": o.at("executeCommandLogGroup"),
		"setting[containerInsights].name": "containerInsights", "setting[containerInsights].value": o.at("containerInsights"),
	}
}

func showClusterCapacity(o *object) fields {
	const strategy = "defaultCapacityProviderStrategy.0."
	return fields{
		"cluster_name": o.all.labels.Replace(o.Name), "capacity_providers[0]": o.list("capacityProviders"),
		"default_capacity_provider_strategy[0].base":              o.at(strategy + "base"),
		"default_capacity_provider_strategy[0].capacity_provider": o.at(strategy + "capacityProvider"),
		"default_capacity_provider_strategy[0].weight":            o.at(strategy + "weight"),
	}
}

func showLogGroup(o *object) fields { return fields{"retention_in_days": o.at("retentionInDays")} }
