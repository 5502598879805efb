package elbv2

import (
	"net/netip"
	"slices"
)

var (
	// targetRanges are where IP targets may be:
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-type
	targetRanges = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10")}
)

func checkTargetIP(ip string) error {
	a, err := netip.ParseAddr(ip)
	if err != nil || !a.Is4() {
		return invalid("The IP address '%s' is not a valid IPv4 address", ip)
	}
	if !slices.ContainsFunc(targetRanges, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return invalid("The IP address '%s' is not within a valid range for targets: 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 or the VPC's own", ip)
	}
	return nil
}
