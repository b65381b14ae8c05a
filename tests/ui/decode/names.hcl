project "Demo Project" {
  owner = "Risk Platform"
}

platform "azure" {
  account    = "1234"
  region     = "useast1"
  cluster    = "main"
  kubernetes = "1.99"
}

bucket "data" {
  name = "My_Bucket"
}

channel "oncall" {
  email = "oncall"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/Risk:"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose {
    host = "https://risk.example.com/x"
  }
}
