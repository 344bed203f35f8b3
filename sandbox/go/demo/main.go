// Command demo is the application whose traffic the sandbox moves: it answers any path with its version, and can
// be made slow, broken, unready or mortal from outside (see readSettings and app.handler).
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	metricsAddress = ":9090"
	// shutdownBound is how long open requests may take once the listeners are closed.
	shutdownBound = 10 * time.Second
	// hurry is what is left of it when answers stop to wait out their delay, so that they still come.
	hurry = time.Second
)

func main() {
	s, err := readSettings(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := run(ctx, s, metricsAddress, log.New(os.Stdout, "", log.LstdFlags|log.LUTC)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends, then drains and shuts down. The error says why it could not serve, or that it was
// told to crash.
func run(ctx context.Context, s settings, metricsAddress string, out *log.Logger) error {
	pod, err := os.Hostname()
	if err != nil {
		return err
	}
	stopping := make(chan struct{})
	a := newApp(s, pod, stopping)
	application := newServer(a.handler())
	observation := newServer(a.metrics.handler(s.version))
	failed := make(chan error, 2)
	for server, address := range map[*http.Server]string{application: s.address, observation: metricsAddress} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() { failed <- server.Serve(listener) }()
	}
	out.Printf("demo %s serves on %s, its metrics on %s", s.version, s.address, metricsAddress)
	select {
	case err := <-failed:
		return err
	case <-crash(s.crashAfter):
		return errors.New("CRASH_AFTER has passed")
	case <-ctx.Done():
	}
	out.Printf("stopping: draining for %v", s.drain)
	a.draining.Store(true)
	time.Sleep(s.drain)
	time.AfterFunc(s.shutdown-hurry, func() { close(stopping) })
	bound, cancel := context.WithTimeout(context.Background(), s.shutdown)
	defer cancel()
	err = errors.Join(application.Shutdown(bound), observation.Shutdown(bound))
	out.Print("stopped")
	return err
}

func newServer(handler http.Handler) *http.Server {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	return server
}

// crash never fires for 0.
func crash(after time.Duration) <-chan time.Time {
	if after == 0 {
		return nil
	}
	return time.After(after)
}
