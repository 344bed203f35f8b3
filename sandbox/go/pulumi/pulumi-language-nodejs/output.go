package main

import "sync"

// outputs are two writers, for a process's output and its errors, that send what they are given by one stream of gRPC, which
// takes one message at a time.
func outputs(stdout, stderr func([]byte) error) (*sender, *sender) {
	turn := &sync.Mutex{}
	return &sender{turn, stdout}, &sender{turn, stderr}
}

type sender struct {
	turn *sync.Mutex
	send func([]byte) error
}

func (s *sender) Write(p []byte) (int, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	return len(p), s.send(p)
}
