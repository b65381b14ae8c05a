# Names that are like each other, and short ones.

project "shop" {
  owner = "payments"
}

variable "image" {
  type        = string
  default     = "registry.example.com/shop"
  description = "Where images are."
}

variable "images" {
  type    = list(string)
  default = ["a", "b"]
}

variable "limits" {
  type    = object({ cpu = string, memory = string })
  default = { cpu = "500m", memory = "256Mi" }
}

locals {
  team     = "payments"
  teams    = [local.team, "risk"]
  replica  = 2
  replicas = { least = local.replica, most = local.replica * 3 }
  host     = "${local.team}.example.com"
}

platform "aws" {
  account    = "123456789012"
  region     = "eu-central-1"
  cluster    = "main"
  namespace  = "shop"
  kubernetes = "1.35"
}

bucket "orders" {
  name = "shop-orders"
}

bucket "order_archive" {
  name = "shop-order-archive"
}

model "price" {
  serve = "1"
  version "1" { file = "models/linear.onnx" }
}

model "prize" {
  serve = "2"
  version "2" { file = "models/two-inputs.onnx" }
}

service "price" {
  model       = model.price
  image       = "${var.image}/price"
  port        = 9000
  timeout     = "2s"
  drain_delay = "1s"
  resources {
    cpu    = var.limits.cpu
    memory = var.limits.memory
  }
  scaling {
    min = local.replicas.least
    max = local.replicas.most
    target "cpu" { utilization = "60%" }
  }
  expose {
    host = "price.${local.host}"
  }
}

service "prize" {
  model = model.prize
  image = "${var.image}/${var.images[0]}"
  resources {
    cpu    = 1
    memory = "1Gi"
  }
}

channel "mail" {
  email = "${local.teams[1]}@example.com"
}

channel "main" {
  email = "main@example.com"
}

alert "slow" {
  when        = service.price.latency.p99 > "250ms" || service.prize.latency.average > "1s"
  notify      = [channel.mail, channel.main]
  for         = "10m"
  severity    = "page"
  description = "Prices in ${bucket.orders.uri} come late."
}

alert "full" {
  when   = service.price.memory.used > "200Mi" && service.price.requests.rate > 5
  notify = [channel.mail]
}

alert "wrong" {
  when   = service.prize.errors.rate > 0.02 || service.prize.errors.count > 10 || service.price.latency.maximum > "5s"
  notify = [channel.main]
}
