// Package wafv2 emulates the part of AWS WAF that protects Application Load Balancers: web ACLs of the
// regional scope, and their association with load balancers. No request is inspected: rules are checked,
// counted and kept.
package wafv2
