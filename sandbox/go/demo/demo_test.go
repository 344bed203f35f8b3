package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

func serve(t *testing.T, pairs ...string) (*httptest.Server, *app) {
	t.Helper()
	s, err := readSettings(environment(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(s, "pod-1", nil)
	server := httptest.NewServer(a.handler())
	t.Cleanup(server.Close)
	return server, a
}

func request(t *testing.T, method, url string) (*http.Response, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("x-request-id", "id-1")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return response, body
}

func TestAnswersWithItsVersion(t *testing.T) {
	server, _ := serve(t, "VERSION=2.0")
	response, body := request(t, "GET", server.URL+"/api/v1/hello")
	want := map[string]any{"app": "demo", "version": "2.0", "pod": "pod-1", "path": "/api/v1/hello", "requestId": "id-1", "protocol": "HTTP/1.1"}
	if response.StatusCode != 200 || response.Header.Get("x-version") != "2.0" || fmt.Sprint(body) != fmt.Sprint(want) {
		t.Fatalf("%d %v %v", response.StatusCode, response.Header, body)
	}
}

func TestRequestSaysHow(t *testing.T) {
	server, _ := serve(t)
	for query, code := range map[string]int{
		"status=503": 503, "status=204": 204, "error=100": 500, "error=0": 200, "delay=0s": 200,
		"status=199": 400, "status=600": 400, "status=x": 400, "error=101": 400, "error=NaN": 400, "error=-1": 400,
		"delay=61s": 400, "delay=-1s": 400, "delay=5": 400,
	} {
		if response, body := request(t, "GET", server.URL+"/?"+query); response.StatusCode != code {
			t.Errorf("%s: %d %v", query, response.StatusCode, body)
		}
	}
	began := time.Now()
	if _, _ = request(t, "GET", server.URL+"/?delay=150ms"); time.Since(began) < 150*time.Millisecond {
		t.Error("the delay was not kept")
	}
}

func TestEnvironmentSaysHow(t *testing.T) {
	server, _ := serve(t, "ERROR_PERCENT=100", "DELAY=50ms")
	began := time.Now()
	if response, _ := request(t, "GET", server.URL); response.StatusCode != 500 || time.Since(began) < 50*time.Millisecond {
		t.Errorf("%d after %v", response.StatusCode, time.Since(began))
	}
	if response, _ := request(t, "GET", server.URL+"/?error=0"); response.StatusCode != 200 {
		t.Error("a request must be able to ask for another share of errors")
	}
}

func TestWrongEnvironment(t *testing.T) {
	_, err := readSettings(environment("PORT=0", "DELAY=2m", "ERROR_PERCENT=many", "NOT_READY=maybe", "CRASH_AFTER=-1s", "DRAIN=1h"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"PORT", "DELAY", "ERROR_PERCENT", "NOT_READY", "CRASH_AFTER", "DRAIN"} {
		if !strings.Contains(err.Error(), name+"=") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestReadinessSwitch(t *testing.T) {
	server, _ := serve(t, "NOT_READY=true")
	for _, step := range []struct {
		method, path string
		code         int
	}{
		{"GET", "/ready", 503}, {"GET", "/live", 200}, {"GET", "/", 200},
		{"POST", "/ready?to=on", 200}, {"GET", "/ready", 200},
		{"POST", "/ready?to=off", 200}, {"GET", "/ready", 503},
		{"POST", "/ready?to=x", 400}, {"POST", "/ready", 400},
	} {
		if response, _ := request(t, step.method, server.URL+step.path); response.StatusCode != step.code {
			t.Fatalf("%s %s: %d, expected %d", step.method, step.path, response.StatusCode, step.code)
		}
	}
}

func TestSwitch(t *testing.T) {
	server, _ := serve(t)
	if response, body := request(t, "POST", server.URL+"/switch?error=100&delay=30ms"); response.StatusCode != 200 || body["delay"] != "30ms" || body["error"] != 100.0 {
		t.Fatalf("%d %v", response.StatusCode, body)
	}
	if response, _ := request(t, "GET", server.URL); response.StatusCode != 500 {
		t.Fatal("the switch had no effect")
	}
	if response, _ := request(t, "POST", server.URL+"/switch?error=0"); response.StatusCode != 200 {
		t.Fatal(response.StatusCode)
	}
	if response, _ := request(t, "GET", server.URL); response.StatusCode != 200 {
		t.Fatal("the switch could not be taken back")
	}
	for _, query := range []string{"error=x", "status=500", "eror=1"} {
		if response, _ := request(t, "POST", server.URL+"/switch?"+query); response.StatusCode != 400 {
			t.Errorf("%s: %d", query, response.StatusCode)
		}
	}
}

func TestMetrics(t *testing.T) {
	server, a := serve(t, "VERSION=1.0")
	for _, query := range []string{"", "", "?status=503", "?delay=30ms"} {
		request(t, "GET", server.URL+"/"+query)
	}
	request(t, "GET", server.URL+"/ready")
	text := &bytes.Buffer{}
	a.metrics.write(text, a.version)
	for _, line := range []string{
		`demo_requests_total{version="1.0",code="200"} 3`,
		`demo_requests_total{version="1.0",code="503"} 1`,
		`demo_request_duration_seconds_bucket{version="1.0",le="0.025"} 3`,
		`demo_request_duration_seconds_bucket{version="1.0",le="+Inf"} 4`,
		`demo_request_duration_seconds_count{version="1.0"} 4`,
		`demo_requests_in_flight{version="1.0"} 0`,
	} {
		if !strings.Contains(text.String(), line+"\n") {
			t.Errorf("missing %s in\n%s", line, text)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func start(t *testing.T, s settings) (string, context.CancelFunc, <-chan error, *bytes.Buffer) {
	t.Helper()
	s.address = freeAddress(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended, out := make(chan error, 1), &bytes.Buffer{}
	go func() { ended <- run(ctx, s, freeAddress(t), log.New(out, "", 0)) }()
	for range 200 {
		if connection, err := net.Dial("tcp", s.address); err == nil {
			connection.Close()
			return "http://" + s.address, cancel, ended, out
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("does not serve")
	return "", cancel, ended, out
}

func TestStopsGracefully(t *testing.T) {
	url, stop, ended, out := start(t, settings{version: "1.0", behaviour: behaviour{status: 200}, drain: 300 * time.Millisecond, shutdown: hurry + 200*time.Millisecond})
	slow := make(chan int, 1)
	go func() {
		response, err := http.Get(url + "/?delay=30s")
		if err != nil {
			slow <- 0
			return
		}
		response.Body.Close()
		slow <- response.StatusCode
	}()
	time.Sleep(100 * time.Millisecond)
	stop()
	time.Sleep(100 * time.Millisecond)
	if response, _ := request(t, "GET", url+"/ready"); response.StatusCode != 503 {
		t.Error("it must say that it is not ready while it drains")
	}
	if response, _ := request(t, "GET", url+"/"); response.StatusCode != 200 {
		t.Error("it must answer while it drains")
	}
	if code := <-slow; code != 200 {
		t.Errorf("an open request was answered %d", code)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 3 {
		t.Errorf("start, drain and stop are 3 lines, not %d:\n%s", lines, out)
	}
}

func TestCrashes(t *testing.T) {
	_, _, ended, _ := start(t, settings{behaviour: behaviour{status: 200}, crashAfter: 300 * time.Millisecond})
	if err := <-ended; err == nil {
		t.Fatal("ended without an error")
	}
}

// http2Client speaks HTTP/2 without TLS.
func http2Client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestSpeaksUnencryptedHTTP2(t *testing.T) {
	url, _, _, _ := start(t, settings{behaviour: behaviour{status: 200}})
	response, err := http2Client(t).Get(url + "/any")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := answer{}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if response.ProtoMajor != 2 || response.StatusCode != 200 || body.Protocol != "HTTP/2.0" {
		t.Fatalf("%s %d %v", response.Proto, response.StatusCode, body)
	}
}

func TestAnswersHealthChecksOfGRPC(t *testing.T) {
	url, _, _, _ := start(t, settings{version: "2.0", behaviour: behaviour{status: 200}})
	client := http2Client(t)
	call := func(path string, frame ...byte) (version, state, status string) {
		t.Helper()
		response, err := client.Post(url+path, "application/grpc", bytes.NewReader(frame))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.Header.Get("x-version"), fmt.Sprint(body), response.Trailer.Get("Grpc-Status")
	}
	whole := []byte{0, 0, 0, 0, 0}
	if version, state, status := call(healthCheck, whole...); version != "2.0" || state != "[0 0 0 0 2 8 1]" || status != "0" {
		t.Errorf("ready: %s %s %s", version, state, status)
	}
	for _, wrong := range []struct {
		path   string
		frame  []byte
		status string
	}{
		{healthCheck, []byte{0, 0, 0, 0, 4, 10, 2, 'm', 'y'}, "5"},
		{healthCheck, []byte{0, 0, 0}, "3"},
		{healthCheck, []byte{1, 0, 0, 0, 0}, "3"},
		{healthCheck, []byte{0, 255, 255, 255, 255}, "3"},
		{"/demo.Other/Call", whole, "12"},
	} {
		if _, state, status := call(wrong.path, wrong.frame...); state != "[]" || status != wrong.status {
			t.Errorf("%s %v: %s %s, expected %s", wrong.path, wrong.frame, state, status, wrong.status)
		}
	}
	request(t, "POST", url+"/ready?to=off")
	if _, state, status := call(healthCheck, whole...); state != "[0 0 0 0 2 8 2]" || status != "0" {
		t.Errorf("not ready: %s %s", state, status)
	}
}
