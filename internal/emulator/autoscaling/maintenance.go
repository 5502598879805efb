package autoscaling

import "regexp"

var linkedRole = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/aws-service-role/autoscaling\.amazonaws\.com/AWSServiceRoleForAutoScaling$`)

// setMaintenance: -1 for both values removes the policy.
func (g *group) setMaintenance(m maintenance) error {
	if m.MinHealthyPercentage == nil || m.MaxHealthyPercentage == nil {
		return invalid("You must specify both MinHealthyPercentage and MaxHealthyPercentage")
	}
	low, high := *m.MinHealthyPercentage, *m.MaxHealthyPercentage
	if low == -1 && high == -1 {
		g.Maintenance = nil
		return nil
	}
	if err := checkHealthy(low, high); err != nil {
		return err
	}
	g.Maintenance = &m
	return nil
}

func checkHealthy(low, high int) error {
	if low < 0 || low > 100 || high < 100 || high > 200 || high-low > 100 {
		return invalid("MinHealthyPercentage is 0 to 100, MaxHealthyPercentage 100 to 200, and their difference cannot be greater than 100")
	}
	return nil
}
