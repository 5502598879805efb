package parity

import "strings"

var scalingRows = scaling("module.gateway", "gateway")

// scaling is the scalable target of a service, and its policies.
func scaling(module, service string) map[string]row {
	return inModule(module, map[string]row{
		".aws_appautoscaling_target.ecs_service[0]":        {kind: "ScalableTarget", node: "scalable-target/" + service, show: showScalableTarget},
		".aws_appautoscaling_policy.cpu_utilization[0]":    scalingPolicy(service, "cpu"),
		".aws_appautoscaling_policy.memory_utilization[0]": scalingPolicy(service, "memory"),
	})
}

func showScalableTarget(o *object) fields {
	return scaled(o, fields{"min_capacity": o.at("minCapacity"), "max_capacity": o.at("maxCapacity")})
}

func scalingPolicy(service, name string) row {
	return row{
		kind: "ScalingPolicy", node: "scalable-target/" + service + ", " + name, show: showScalingPolicy,
		is: func(o *object) bool {
			return strings.HasSuffix(o.Name, "-"+service+"-"+name) && o.at("resourceId") == "service/{cluster/main}/{service/"+service+"}"
		},
	}
}

func showScalingPolicy(o *object) fields {
	const config = "target_tracking_scaling_policy_configuration[0]."
	return scaled(o, fields{
		"policy_type": o.at("policyType"), config + "disable_scale_in": o.at("disableScaleIn"), config + "target_value": o.at("targetValue"),
		config + "scale_in_cooldown": o.at("scaleInCooldown"), config + "scale_out_cooldown": o.at("scaleOutCooldown"),
		config + "predefined_metric_specification[0].predefined_metric_type": o.at("metric"),
	})
}

// scaled adds what is scaled: a service's number of tasks, which is all that the emulator scales.
func scaled(o *object, f fields) fields {
	f["resource_id"], f["scalable_dimension"], f["service_namespace"] = o.at("resourceId"), "ecs:service:DesiredCount", "ecs"
	return f
}
