# The same as events.cloudformation.yaml, for Terraform: copy it into a module of yours, or use it as one.

variable "queue_name" {
  description = "Name of the queue; its dead letters are in a second one."
  type        = string
  default     = "portkey-ecs-operator-events"
}

variable "manager_role_name" {
  description = "Role of the manager, which gets the right to read the queue. null attaches the policy to nobody."
  type        = string
  default     = null
}

locals {
  event_patterns = {
    Calls       = <<-JSON
      {
        "source": ["aws.autoscaling", "aws.ec2", "aws.ecs", "aws.elasticache", "aws.elasticloadbalancing", "aws.iam"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
          "errorCode": [{"exists": false}],
          "userIdentity": {"type": [{"anything-but": "AWSService"}]}
        }
      }
    JSON
    Tasks       = <<-JSON
      {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {"lastStatus": ["STOPPED"], "group": [{"prefix": "service:"}]}
      }
    JSON
    Services    = <<-JSON
      {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Service Action"],
        "detail": {"eventType": ["WARN", "ERROR"]}
      }
    JSON
    Deployments = <<-JSON
      {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"]
      }
    JSON
  }
}

resource "aws_sqs_queue" "events" {
  name                       = var.queue_name
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 3600 # what is older than this, the sync has found
  visibility_timeout_seconds = 30
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 5 })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.queue_name}-dead-letters"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RulesOnly"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.events.arn
        Condition = { ArnEquals = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.events : rule.arn] } }
      },
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.events.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# Calls needs a trail that logs management events.
resource "aws_cloudwatch_event_rule" "events" {
  for_each      = local.event_patterns
  name          = "${var.queue_name}-${lower(each.key)}"
  event_pattern = each.value
}

resource "aws_cloudwatch_event_target" "events" {
  for_each  = local.event_patterns
  rule      = aws_cloudwatch_event_rule.events[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.events.arn
}

resource "aws_iam_policy" "manager" {
  name = "${var.queue_name}-reader"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Events"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
      Resource = aws_sqs_queue.events.arn
    }]
  })
}

resource "aws_iam_role_policy_attachment" "manager" {
  count      = var.manager_role_name == null ? 0 : 1
  role       = var.manager_role_name
  policy_arn = aws_iam_policy.manager.arn
}

output "queue_url" {
  description = "For the manager's flag --events-queue-url."
  value       = aws_sqs_queue.events.url
}
