package core

import "slices"

// OptInRegions are the regions that an account must enable before it can use them.
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
var OptInRegions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
	"ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
}

// EnableRegion has an account use a region that isn't enabled by default.
func (w *World) EnableRegion(s Scope) { w.enabled[s] = true }

// Enabled reports whether an account can use a region: until it is enabled, the region knows none of the account's
// credentials.
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
func (w *World) Enabled(s Scope) bool {
	return w.enabled[s] || !slices.Contains(OptInRegions, s.Region)
}
