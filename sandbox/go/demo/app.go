package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// app answers with its version on any path, and lets itself be made slow, broken or not ready.
type app struct {
	version string
	pod     string
	metrics *metrics
	// stopping is closed when there is no more time: answers that are still waiting out their delay come at once.
	stopping <-chan struct{}
	ready    atomic.Bool
	draining atomic.Bool
	mutex    sync.Mutex
	defaults behaviour
}

// answer is the body of every answer of the application.
type answer struct {
	App       string `json:"app"`
	Version   string `json:"version"`
	Pod       string `json:"pod"`
	Path      string `json:"path"`
	RequestID string `json:"requestId"`
	Protocol  string `json:"protocol"`
}

func newApp(s settings, pod string, stopping <-chan struct{}) *app {
	a := &app{version: s.version, pod: pod, metrics: newMetrics(), stopping: stopping, defaults: s.behaviour}
	a.ready.Store(!s.notReady)
	return a
}

// handler serves, beside any path:
//
//	GET  /live                          200 as long as the process runs
//	GET  /ready                         200 if ready, else 503
//	POST /ready?to=on|off               makes it ready or not
//	POST /switch?delay=…&error=…        how requests are answered that do not say it themselves
//	WebSocket, on any other path        101, then every message comes back; refused where a request would not be 200
//	gRPC, in HTTP/2                     grpc.health.v1.Health/Check: SERVING if ready; no other call
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { a.say(w, http.StatusOK, "live") })
	mux.HandleFunc("GET /ready", a.readiness)
	mux.HandleFunc("POST /ready", a.switchReadiness)
	mux.HandleFunc("POST /switch", a.switchDefaults)
	mux.HandleFunc("/", a.answer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isCall(r):
			mux.ServeHTTP(w, r)
		case r.URL.Path == healthCheck:
			a.health(w, r)
		default:
			a.unimplemented(w, r)
		}
	})
}

func (a *app) answer(w http.ResponseWriter, r *http.Request) {
	end := a.metrics.begin()
	a.mutex.Lock()
	how := a.defaults
	a.mutex.Unlock()
	how, err := how.override(r.URL.Query())
	if err != nil {
		a.say(w, http.StatusBadRequest, err.Error())
		end(http.StatusBadRequest)
		return
	}
	if !a.wait(r.Context(), how.delay) {
		end(499) // the client has gone; nobody is answered
		return
	}
	code := how.status
	if rand.Float64()*100 < how.errorPercent {
		code = http.StatusInternalServerError
	}
	if code == http.StatusOK && wantsWebSocket(r) {
		end(http.StatusSwitchingProtocols)
		a.upgrade(w, r)
		return
	}
	a.write(w, code, answer{App: "demo", Version: a.version, Pod: a.pod, Path: r.URL.Path, RequestID: r.Header.Get("x-request-id"), Protocol: r.Proto})
	end(code)
}

// wait returns false if the client went away before the delay was over.
func (a *app) wait(ctx context.Context, delay time.Duration) bool {
	if delay == 0 {
		return true
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-a.stopping:
		return true
	case <-ctx.Done():
		return false
	}
}

func (a *app) readiness(w http.ResponseWriter, _ *http.Request) {
	switch {
	case a.draining.Load():
		a.say(w, http.StatusServiceUnavailable, "stopping")
	case !a.ready.Load():
		a.say(w, http.StatusServiceUnavailable, "not ready")
	default:
		a.say(w, http.StatusOK, "ready")
	}
}

func (a *app) isReady() bool { return a.ready.Load() && !a.draining.Load() }

func (a *app) switchReadiness(w http.ResponseWriter, r *http.Request) {
	switch to := r.URL.Query().Get("to"); to {
	case "on", "off":
		a.ready.Store(to == "on")
		a.say(w, http.StatusOK, "ready is "+to)
	default:
		a.say(w, http.StatusBadRequest, "to must be on or off")
	}
}

func (a *app) switchDefaults(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	for name := range query {
		if name != "delay" && name != "error" {
			a.say(w, http.StatusBadRequest, name+" cannot be switched; delay and error can")
			return
		}
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	next, err := a.defaults.override(query)
	if err != nil {
		a.say(w, http.StatusBadRequest, err.Error())
		return
	}
	a.defaults = next
	a.write(w, http.StatusOK, map[string]any{"delay": next.delay.String(), "error": next.errorPercent})
}

func (a *app) say(w http.ResponseWriter, code int, text string) {
	a.write(w, code, map[string]string{"message": text})
}

func (a *app) write(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-version", a.version)
	w.WriteHeader(code)
	if code == http.StatusNoContent || code == http.StatusNotModified {
		return // these have no body
	}
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}
