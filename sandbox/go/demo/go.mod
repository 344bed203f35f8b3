module canary/demo

go 1.25.0
