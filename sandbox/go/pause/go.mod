module canary/pause

go 1.25.0
