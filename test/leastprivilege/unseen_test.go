package leastprivilege

// unseen are the methods' actions that no life in this package needs, and why the operator can't do
// without them all the same.
var unseen = map[string]string{
	"iam:PutRolePermissionsBoundary": "a role can have a boundary, but no field of the spec asks for one yet",
	"logs:DeleteRetentionPolicy":     "a log group can be kept for ever, but no field of the spec asks for that yet",
}
