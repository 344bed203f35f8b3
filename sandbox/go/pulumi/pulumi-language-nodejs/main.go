// Command pulumi-language-nodejs is the plugin by which Pulumi's engine runs programs, component packages and policy
// packs on Node.js. It speaks the engine's public protocol, the gRPC service pulumirpc.LanguageRuntime. All that concerns
// JavaScript is left to the scripts that the npm package @pulumi/pulumi brings for language hosts.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// version is what the engine hears; a build sets it by -ldflags "-X main.version=…".
var version = "0.0.0-dev"

// largestMessage is the engine's own limit: gRPC's default of 4 MB is too small for a large stack.
const largestMessage = 400 << 20

func main() {
	engine, err := engineAddress(os.Args[1:])
	if err == nil {
		err = serve(engine)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

// engineAddress takes the engine's address from the arguments. It is the last one; the flags before it are about logs and
// traces, depend on the engine's version, and are ignored.
func engineAddress(args []string) (string, error) {
	if len(args) > 0 {
		last := args[len(args)-1]
		if _, port, err := net.SplitHostPort(last); err == nil && !strings.HasPrefix(last, "-") {
			if _, err := strconv.ParseUint(port, 10, 16); err == nil {
				return last, nil
			}
		}
	}
	return "", fmt.Errorf("this is a plugin, which pulumi starts as: pulumi-language-nodejs [FLAG…] ENGINE-HOST:PORT")
}

// serve answers the engine until the engine is gone, or asks this process to end by a signal. Where it listens is the first
// line of its output; all lines after that are what programs print.
func serve(engine string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// Stopping the server ends the contexts of the calls, by that their processes, and waits for both.
	server := grpc.NewServer(grpc.MaxRecvMsgSize(largestMessage), grpc.WaitForHandlers(true))
	pulumirpc.RegisterLanguageRuntimeServer(server, newHost(engine))
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	// The engine ends its plugins by SIGINT, and may do so as soon as it knows the port.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	gone := make(chan error, 1)
	go func() { gone <- awaitEngineEnd(ctx, engine) }()
	select {
	case err := <-served:
		return err
	case err = <-gone:
	}
	stop() // a second signal ends this process at once
	server.Stop()
	return err
}
