package main

import (
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	// healthCheck is the one call of gRPC's health checking protocol that is served: grpc.health.v1.
	healthCheck = "/grpc.health.v1.Health/Check"
	// longestMessage of a call that is read; the name of a service fits.
	longestMessage = 1 << 12
)

// The codes that end a gRPC call; they travel in trailers, and the HTTP status is 200 whatever they are.
const (
	grpcOK            = 0
	grpcInvalid       = 3
	grpcNotFound      = 5
	grpcUnimplemented = 12
)

// The states of a server in a health check's answer.
const (
	serving    = 1
	notServing = 2
)

// isCall tells whether a request is a call of gRPC.
func isCall(r *http.Request) bool {
	return r.ProtoMajor == 2 && r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// health answers a gRPC health check: whether the server as a whole is ready. It has no other services to ask for.
// The answer carries x-version, and every call is counted as a request: it stands for all that a gRPC app serves.
func (a *app) health(w http.ResponseWriter, r *http.Request) {
	end := a.metrics.begin()
	defer end(http.StatusOK)
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("x-version", a.version)
	service, ok := readFrame(r.Body)
	switch {
	case !ok:
		endCall(w, grpcInvalid)
	case len(service) > 0:
		endCall(w, grpcNotFound)
	case a.isReady():
		writeState(w, serving)
	default:
		writeState(w, notServing)
	}
}

// unimplemented ends every other gRPC call.
func (a *app) unimplemented(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	endCall(w, grpcUnimplemented)
}

// readFrame reads the one message of a call: a byte that says that it is not compressed, its length, itself. An empty
// one asks for the server as a whole; a longer one names a service.
func readFrame(body io.Reader) ([]byte, bool) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(body, head); err != nil || head[0] != 0 {
		return nil, false
	}
	length := binary.BigEndian.Uint32(head[1:])
	if length > longestMessage {
		return nil, false
	}
	message := make([]byte, length)
	_, err := io.ReadFull(body, message)
	return message, err == nil
}

func writeState(w http.ResponseWriter, state byte) {
	// HealthCheckResponse{status}: field 1, a varint.
	_, _ = w.Write([]byte{0, 0, 0, 0, 2, 1 << 3, state}) // the client may have gone
	endCall(w, grpcOK)
}

// endCall sends the trailers that end a call.
func endCall(w http.ResponseWriter, code int) {
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", strconv.Itoa(code))
}
