output "environment" {
  description = "Environment of `actonce --target aws`."
  value       = module.actonce.environment
}

output "dashboard_url" {
  description = "Where operators look."
  value       = module.actonce.dashboard_url
}

output "publisher_policy" {
  description = "What to attach to the role of a publisher."
  value       = module.actonce.publisher_policy
}

output "operator_policy" {
  description = "What to attach to the role of operators."
  value       = module.actonce.operator_policy
}

output "queue_urls" {
  description = "The work queue, and what failed."
  value       = module.actonce.queue_urls
}

output "console_url" {
  description = "The operators' page."
  value       = module.actonce.console_url
}

output "user_pool_id" {
  description = "Where operators are known."
  value       = module.actonce.user_pool_id
}

output "client_id" {
  description = "Which client their tokens are for."
  value       = module.actonce.client_id
}
