package ec2

import (
	"net/netip"
)

// parseCIDR reads an IPv4 CIDR block and brings it into canonical form, as EC2 does: "if you specify
// 100.68.0.18/18, we modify it to 100.68.0.0/18",
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
func parseCIDR(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is4() {
		return netip.Prefix{}, invalidValue("Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", text)
	}
	return p.Masked(), nil
}

// parseCIDR6 reads an IPv6 CIDR block.
func parseCIDR6(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is6() {
		return netip.Prefix{}, invalidValue("Value (%s) for parameter ipv6CidrBlock is invalid. This is not a valid IPv6 CIDR block.", text)
	}
	return p.Masked(), nil
}

// within reports whether all of inner lies in outer.
func within(inner, outer netip.Prefix) bool {
	return inner.Bits() >= outer.Bits() && outer.Contains(inner.Addr())
}

// size is the number of addresses of an IPv4 block.
func size(p netip.Prefix) int { return 1 << (32 - p.Bits()) }

// nth is the nth address of an IPv4 block.
func nth(p netip.Prefix, n int) netip.Addr {
	b := p.Masked().Addr().As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]) //nolint:gosec // IPv4 has 32 bits
	v += uint32(n)                                                            //nolint:gosec // within the block
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}
