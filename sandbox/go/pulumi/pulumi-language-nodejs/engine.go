package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
)

// awaitEngineEnd blocks until the engine is gone or the context is done. An engine that is killed tells nobody, and must not
// leave a process behind; but its end of a connection is closed by the system.
func awaitEngineEnd(ctx context.Context, engine string) error {
	connection, err := dial(engine)
	if err != nil {
		return err
	}
	defer connection.Close()
	for state := connection.GetState(); state != connectivity.TransientFailure; state = connection.GetState() {
		if state == connectivity.Idle {
			connection.Connect()
		}
		if !connection.WaitForStateChange(ctx, state) {
			return nil
		}
	}
	return nil
}

// dial connects to a process of this machine.
func dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(),
		grpc.WithIdleTimeout(0), // a connection that nobody uses must stay: it shows that the other end is there
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largestMessage)),
	)
}
