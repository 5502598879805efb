package wafv2

import "time"

// propagation is how long after its creation a web ACL can't be associated yet: "from a few seconds to a
// number of minutes", https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
const propagation = 10 * time.Second
